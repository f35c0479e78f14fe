/** "okm listkmaperformance": what each KMA of the cluster has served, by the hour, by the day or together. It changes nothing. */
import { addListOptions, listed } from './list-options.ts';
import { inputOf, type ScriptCommand } from './script-command.ts';
import { addSpanOptions, spanOf } from './span-options.ts';

export const listKmaPerformanceCommand: ScriptCommand = {
  word: 'listkmaperformance',
  description: 'Lists what each KMA has served, newest first (any role).',
  example: '--span week --per kma',
  options(command) {
    addSpanOptions(command);
    command.option('--per <what>', 'a row for each hour, day or kma', 'hour');
    addListOptions(command);
  },
  work: (given) => (manager) =>
    listed(manager, 'ListKmaPerformance', given, { ...spanOf(given), ...inputOf(given, { per: 'per' }) }),
};
