/** "okm currload": what the KMA does now. It changes nothing. */
import { operationNamed } from '../operation-named.ts';
import type { ScriptCommand } from './script-command.ts';

export const currentLoadCommand: ScriptCommand = {
  word: 'currload',
  description: 'Shows what the KMA does now (any role).',
  example: '',
  options: () => undefined,
  work: () => async (manager) => (await manager.call(operationNamed('ShowCurrentLoad'), {})).output,
};
