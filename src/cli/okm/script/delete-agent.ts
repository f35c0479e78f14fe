/** "okm deleteagent": one agent. Its keys stay. */
import { callUnlessChanged } from '../lost-updates.ts';
import { operationNamed } from '../operation-named.ts';
import type { ScriptCommand } from './script-command.ts';

export const deleteAgentCommand: ScriptCommand = {
  word: 'deleteagent',
  description: 'Deletes an agent (Operator).',
  example: '--agent drive-1',
  options(command) {
    command.requiredOption('--agent <agent>', 'agent ID');
  },
  work:
    ({ agent }) =>
    async (manager) =>
      (await callUnlessChanged(manager, operationNamed('DeleteAgent'), { agent })).output,
};
