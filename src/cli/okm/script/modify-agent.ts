/** "okm modifyagent": what is given is changed, and nothing else. A new passphrase comes from a file alone. */
import { OpenKmaError } from '../../../errors.ts';
import { readPassphraseFile } from '../../passphrases.ts';
import { callUnlessChanged } from '../lost-updates.ts';
import { operationNamed } from '../operation-named.ts';
import { addAgentOptions, flag } from './agent-options.ts';
import { inputOf, type ScriptCommand } from './script-command.ts';

const FIELDS = {
  description: 'description',
  site: 'site',
  onetimepassphrase: 'oneTimePassphrase',
  enabled: 'enabled',
};

export const modifyAgentCommand: ScriptCommand = {
  word: 'modifyagent',
  description: 'Changes an agent (Operator), its passphrase, or its default key group.',
  example: '--agent drive-1 --enabled false',
  options(command) {
    addAgentOptions(command);
    command
      .option('--enabled <flag>', 'whether the agent may work: true or false', flag)
      .option('--passphrase-file <file>', 'new passphrase to enrol with; "-" for standard input');
  },
  work(given) {
    const { agent, keygroup: group, passphraseFile: file } = given;
    const changes = inputOf(given, FIELDS);
    const passphrase = file === undefined ? null : readPassphraseFile(String(file));
    const calls = [
      ...(Object.keys(changes).length === 0 ? [] : [{ name: 'ModifyAgent', input: { agent, ...changes } }]),
      ...(passphrase === null ? [] : [{ name: 'SetAgentPassphrase', input: { agent, passphrase } }]),
      ...(group === undefined ? [] : [{ name: 'SetDefaultKeyGroup', input: { agent, group } }]),
    ];
    if (calls.length === 0) throw new OpenKmaError('USAGE', 'say what is to be changed');
    return async (manager) => {
      for (const { name, input } of calls) await callUnlessChanged(manager, operationNamed(name), input);
      return null;
    };
  },
};
