/** "okm listagents": all of them. It changes nothing. */
import { operationNamed } from '../operation-named.ts';
import type { ScriptCommand } from './script-command.ts';

export const listAgentsCommand: ScriptCommand = {
  word: 'listagents',
  description: 'Lists the agents (Operator, Compliance Officer).',
  example: '',
  options: () => undefined,
  work: () => async (manager) => (await manager.call(operationNamed('ListAgents'), {})).output,
};
