/** "okm listkmaperformance": what all agents together asked of the KMA, hour by hour. It changes nothing. */
import type { ScriptCommand } from './script-command.ts';
import { wholeList } from './whole-list.ts';

export const listKmaPerformanceCommand: ScriptCommand = {
  word: 'listkmaperformance',
  description: 'Lists what agents asked of the KMA in each hour, newest first (any role).',
  example: '--span week',
  options(command) {
    command.option('--span <span>', 'hour, day, week or month, up to now', 'day');
  },
  work:
    ({ span }) =>
    (manager) =>
      wholeList(manager, 'ListKmaPerformance', Number.POSITIVE_INFINITY, { scope: { span } }),
};
