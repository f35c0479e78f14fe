/** "okm listagents": all of them. It changes nothing. */
import { addListOptions, listed } from './list-options.ts';
import type { ScriptCommand } from './script-command.ts';

export const listAgentsCommand: ScriptCommand = {
  word: 'listagents',
  description: 'Lists the agents (Operator, Compliance Officer).',
  example: '--filter enabled=false',
  options: addListOptions,
  work: (given) => (manager) => listed(manager, 'ListAgents', given),
};
