/** "okm listku": keys and their use, all or those of data units. It changes nothing. */
import type { Manager } from '../../../client/manager.ts';
import type { Rows } from '../pages.ts';
import { type DataUnitLine, readDataUnitIds } from './data-unit-file.ts';
import { addListOptions, listed } from './list-options.ts';
import type { ScriptCommand } from './script-command.ts';

type Given = Readonly<Record<string, unknown>>;

export const listKeyUsageCommand: ScriptCommand = {
  word: 'listku',
  description: 'Lists keys and their use, all or those of data units (any role).',
  example: '--duids units.txt --filter inUse=true',
  options(command) {
    command.option('--duids <file>', 'file with data unit IDs, one a line, "-" for standard input');
    addListOptions(command);
  },
  work(given) {
    const { duids } = given;
    if (duids === undefined) return (manager) => listed(manager, 'ListKeys', given);
    const units = readDataUnitIds(String(duids));
    return (manager) => keysOf(manager, units, given);
  },
};

async function* keysOf(manager: Manager, units: readonly DataUnitLine[], given: Given): AsyncGenerator<Rows> {
  // A key of several units names one of them, perhaps another.
  for (const { dataUnitId } of units)
    for await (const rows of listed(manager, 'ListKeys', given, { dataUnitId }))
      yield rows.map((row) => ({ ...row, dataUnitId }));
}
