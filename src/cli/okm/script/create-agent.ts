/** "okm createagent": an agent, and its default key group where one is named. Its passphrase comes from a file alone. */
import { readPassphraseFile } from '../../passphrases.ts';
import { operationNamed } from '../operation-named.ts';
import { addAgentOptions } from './agent-options.ts';
import { inputOf, type ScriptCommand } from './script-command.ts';

const FIELDS = { description: 'description', site: 'site', onetimepassphrase: 'oneTimePassphrase' };

export const createAgentCommand: ScriptCommand = {
  word: 'createagent',
  description:
    'Creates an agent (Operator). Where its key group is refused, the agent is there all the same.',
  example: '--agent drive-1 --site berlin --passphrase-file drive-1.txt',
  options(command) {
    addAgentOptions(command);
    command.requiredOption('--passphrase-file <file>', 'passphrase to enrol with; "-" for standard input');
  },
  work(given) {
    const { agent, keygroup: group } = given;
    const passphrase = readPassphraseFile(String(given['passphraseFile']));
    return async (manager) => {
      await manager.call(operationNamed('CreateAgent'), { agent, passphrase, ...inputOf(given, FIELDS) });
      if (group !== undefined) await manager.call(operationNamed('SetDefaultKeyGroup'), { agent, group });
      return null;
    };
  },
};
