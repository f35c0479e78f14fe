/** The quorum for one command: key split credentials from a file, or asked for on the terminal, one key holder after the other. It keeps none. */
import { say } from './output.ts';
import { CREDENTIALS_MAX, promptName, promptPassphrase, readCredentialsFile } from './passphrases.ts';

const OPTION = '--quorum-file';
export const QUORUM_OPTION = [
  `${OPTION} <file>`,
  'key split credentials, one a line: NAME passphrase ("-": standard input); asked for otherwise',
] as const;

export interface QuorumMember {
  readonly name: string;
  readonly passphrase: string;
}

export async function readQuorum(file: unknown): Promise<readonly QuorumMember[]> {
  if (typeof file === 'string') return readCredentialsFile(file);
  const members: QuorumMember[] = [];
  while (members.length < CREDENTIALS_MAX) {
    const question = `name of key holder ${members.length + 1}`;
    if (members.length === 0) introduce();
    const name = await promptName(members.length === 0 ? question : `${question} (Enter: no more)`, OPTION);
    if (name === '') break;
    if (members.some((member) => member.name === name))
      say(`${name} was here already: another one is needed`);
    else members.push({ name, passphrase: await promptPassphrase(`passphrase of ${name}`, OPTION) });
  }
  return members;
}

/** The threshold itself is not for those outside the quorum to know, and a KMA that is restored has none yet. */
function introduce(): void {
  if (process.stdin.isTTY === true)
    say('The quorum: as many different key holders as the threshold says, one after the other.');
}
