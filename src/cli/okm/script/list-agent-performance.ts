/** "okm listagentperformance": what each agent asked of the KMA. It changes nothing. */
import { addListOptions, listed } from './list-options.ts';
import type { ScriptCommand } from './script-command.ts';
import { addSpanOptions, spanOf } from './span-options.ts';

export const listAgentPerformanceCommand: ScriptCommand = {
  word: 'listagentperformance',
  description: 'Lists what each agent asked of the KMA (Operator, Compliance Officer).',
  example: '--span week',
  options(command) {
    addSpanOptions(command);
    addListOptions(command);
  },
  work: (given) => (manager) => listed(manager, 'ListAgentPerformance', given, spanOf(given)),
};
