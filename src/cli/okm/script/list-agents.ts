/** "okm listagents": all of them. It changes nothing. */
import type { ScriptCommand } from './script-command.ts';
import { wholeList } from './whole-list.ts';

export const listAgentsCommand: ScriptCommand = {
  word: 'listagents',
  description: 'Lists the agents (Operator, Compliance Officer).',
  example: '',
  options: () => undefined,
  work: () => (manager) => wholeList(manager, 'ListAgents', Number.POSITIVE_INFINITY),
};
