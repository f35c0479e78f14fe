/** The options with which scripts describe an agent. It asks nothing. */
import type { Command } from 'commander';
import { OpenKmaError } from '../../../errors.ts';

export function addAgentOptions(command: Command): void {
  command
    .requiredOption('--agent <agent>', 'agent ID')
    .option('--description <text>', 'free text')
    .option('--site <site>', 'site ID')
    .option(
      '--onetimepassphrase <flag>',
      'whether the passphrase is good for one enrolment only: true, as a new agent has it, or false',
      flag,
    )
    .option('--keygroup <group>', 'default key group; needs a Compliance Officer');
}

export function flag(text: string): boolean {
  if (text !== 'true' && text !== 'false') throw new OpenKmaError('USAGE', `"${text}" is not true or false`);
  return text === 'true';
}
