/** "okm listkmaperformance": what all agents together asked of the KMA, hour by hour. It changes nothing. */
import { addListOptions, listed } from './list-options.ts';
import type { ScriptCommand } from './script-command.ts';
import { addSpanOptions, spanOf } from './span-options.ts';

export const listKmaPerformanceCommand: ScriptCommand = {
  word: 'listkmaperformance',
  description: 'Lists what agents asked of the KMA in each hour, newest first (any role).',
  example: '--span week',
  options(command) {
    addSpanOptions(command);
    addListOptions(command);
  },
  work: (given) => (manager) => listed(manager, 'ListKmaPerformance', given, spanOf(given)),
};
