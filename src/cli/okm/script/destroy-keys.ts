/** "okm destroykeys": destroys the deactivated or compromised keys of data units, for good. What it cannot do it says, with what was done before. */
import type { Command } from 'commander';
import type { Manager } from '../../../client/manager.ts';
import { OpenKmaError } from '../../../errors.ts';
import { destroyKeys } from '../../../operations/keys.ts';
import { countText } from '../../cell-text.ts';
import { say } from '../../output.ts';
import type { Rows } from '../pages.ts';
import { flag } from './agent-options.ts';
import { readDataUnitIds } from './data-unit-file.ts';
import { listed } from './list-options.ts';
import type { ScriptCommand } from './script-command.ts';

/** As the KMA's list of keys names them. */
const STATES = { deactivated: 'DEACTIVATED', compromised: 'COMPROMISED' } as const;
type Kind = keyof typeof STATES;
const KINDS = Object.keys(STATES) as Kind[];
const KEYSTATES: Readonly<Record<string, readonly Kind[]>> = {
  deactivated: ['deactivated'],
  compromised: ['compromised'],
  both: KINDS,
  'deactivated+compromised': KINDS,
};

export const destroyKeysCommand: ScriptCommand = {
  word: 'destroykeys',
  description:
    'Destroys the deactivated or compromised keys of data units (Operator). What they encrypted can never be read again.',
  example: '--keystate deactivated --duids units.txt --comment "end of retention"',
  options(command: Command) {
    command
      .requiredOption('--keystate <state>', 'which: deactivated, compromised or both', kindsOf)
      .option(
        '--duids <file>',
        'of these data units: file with their IDs, one a line, "-" for standard input',
      )
      .option('--all <flag>', 'of all data units, written as --all=true', flag)
      .requiredOption('--comment <text>', 'why; it stays with the keys');
  },
  work(given) {
    const { duids, all, comment } = given;
    if ((duids === undefined) === (all !== true))
      throw new OpenKmaError('USAGE', 'say whose keys: either with --duids FILE or with --all=true');
    const kinds = given['keystate'] as readonly Kind[];
    const units = duids === undefined ? null : readDataUnitIds(String(duids));
    return (manager) =>
      destroyed(units === null ? unitsWith(manager, kinds) : units, (dataUnitId) =>
        destroyedOf(manager, dataUnitId, kinds, String(comment)),
      );
  },
};

function kindsOf(text: string): readonly Kind[] {
  const kinds = Object.hasOwn(KEYSTATES, text) ? KEYSTATES[text] : undefined;
  if (kinds === undefined)
    throw new OpenKmaError('USAGE', `--keystate ${text}: deactivated, compromised or both`);
  return kinds;
}

interface Place {
  /** Of the file, where one names the units. */
  readonly number?: number;
  readonly dataUnitId: string;
}

/** A page for each unit, so that what was done is printed whatever comes after it. */
async function* destroyed(
  units: Iterable<Place> | AsyncIterable<Place>,
  destroy: (dataUnitId: string) => Promise<number>,
): AsyncGenerator<Rows> {
  const done = new Set<string>();
  for await (const { number, dataUnitId } of units) {
    if (done.has(dataUnitId)) continue;
    try {
      yield [{ dataUnitId, keysDestroyed: await destroy(dataUnitId) }];
      done.add(dataUnitId);
    } catch (error) {
      if (!(error instanceof OpenKmaError)) throw error;
      const place = number === undefined ? dataUnitId : `line ${number}, ${dataUnitId}`;
      const before = `done before: ${countText(done.size, 'data unit')}`;
      throw new OpenKmaError(error.code, `${place}: ${error.detail ?? 'refused'}; ${before}`);
    }
  }
}

/** How many there were, in as many calls as it takes. */
async function destroyedOf(
  manager: Manager,
  dataUnitId: string,
  kinds: readonly Kind[],
  comment: string,
): Promise<number> {
  const chosen = Object.fromEntries(KINDS.map((kind) => [kind, kinds.includes(kind)]));
  for (let sum = 0; ; ) {
    const call = manager.call(destroyKeys, { dataUnitId, ...chosen, comment });
    const answer = await call.catch((error: unknown) => {
      if (error instanceof OpenKmaError && error.code === 'KEY_NOT_DESTROYABLE') return null;
      throw error;
    });
    if (answer === null) return sum;
    const { destroyed: more, left } = destroyKeys.output.parse(answer.output);
    sum += more;
    if (left === 0) return sum;
  }
}

/** The data units that have such keys, each at least once. */
async function* unitsWith(manager: Manager, kinds: readonly Kind[]): AsyncGenerator<Place> {
  let without = 0;
  for (const kind of kinds)
    for await (const rows of listed(manager, 'ListKeys', { filter: [`state=${STATES[kind]}`] }))
      for (const { dataUnitId } of rows)
        if (typeof dataUnitId === 'string' && dataUnitId !== '') yield { dataUnitId };
        else without += 1;
  if (without > 0) say(`${countText(without, 'key')} of no data unit: left as they are`);
}
