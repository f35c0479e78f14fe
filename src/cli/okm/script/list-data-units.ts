/** "okm listdus": all data units. It changes nothing. */
import type { ScriptCommand } from './script-command.ts';
import { wholeList } from './whole-list.ts';

export const listDataUnitsCommand: ScriptCommand = {
  word: 'listdus',
  description: 'Lists all data units (any role).',
  example: '--output data-units.txt',
  options: () => undefined,
  work: () => (manager) => wholeList(manager, 'ListDataUnits', Number.POSITIVE_INFINITY),
};
