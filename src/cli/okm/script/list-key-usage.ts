/** "okm listku": keys that were handed out and their use, all or those of data units. It changes nothing. */
import type { Manager } from '../../../client/manager.ts';
import type { Rows } from '../pages.ts';
import { type DataUnitLine, readDataUnitIds } from './data-unit-file.ts';
import { addListOptions, listed } from './list-options.ts';
import type { ScriptCommand } from './script-command.ts';

/** Keys of the pool have no use. */
const HANDED_OUT = 'activatedAt notempty';
type Given = Readonly<Record<string, unknown>>;

export const listKeyUsageCommand: ScriptCommand = {
  word: 'listku',
  description: 'Lists keys that were handed out and their use, all or those of data units (any role).',
  example: '--duids units.txt --filter inUse=true',
  options(command) {
    command.option('--duids <file>', 'file with data unit IDs, one a line, "-" for standard input');
    addListOptions(command);
  },
  work(given) {
    const { duids, filter } = given;
    const used = { ...given, filter: [HANDED_OUT, ...(Array.isArray(filter) ? filter : [])] };
    if (duids === undefined) return (manager) => listed(manager, 'ListKeys', used);
    const units = readDataUnitIds(String(duids));
    return (manager) => keysOf(manager, units, used);
  },
};

async function* keysOf(manager: Manager, units: readonly DataUnitLine[], given: Given): AsyncGenerator<Rows> {
  // A key of several units names one of them, perhaps another.
  for (const { dataUnitId } of units)
    for await (const rows of listed(manager, 'ListKeys', given, { dataUnitId }))
      yield rows.map((row) => ({ ...row, dataUnitId }));
}
