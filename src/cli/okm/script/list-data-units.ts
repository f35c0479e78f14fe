/** "okm listdus": all data units. It changes nothing. */
import { addListOptions, listed } from './list-options.ts';
import type { ScriptCommand } from './script-command.ts';

export const listDataUnitsCommand: ScriptCommand = {
  word: 'listdus',
  description: 'Lists data units, the newest first (any role).',
  example: '--filter externalTag=VOL001 --output data-units.txt',
  options: addListOptions,
  work: (given) => (manager) => listed(manager, 'ListDataUnits', given),
};
