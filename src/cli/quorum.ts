/** The quorum for one command: key split credentials from a file, or asked for on the terminal, one key holder after the other. It keeps none. */
import type { Named } from './dialect.ts';
import { say } from './output.ts';
import { CREDENTIALS_MAX, promptName, promptPassphrase, readCredentialsFile } from './passphrases.ts';

/** Whose credentials are asked for, and with what option they come from a file. */
interface Asking {
  readonly option: string;
  readonly holder: string;
  readonly introduction: string;
}
/** The threshold itself is not for those outside the quorum to know, and a KMA that is restored has none yet. */
const QUORUM: Asking = {
  option: '--quorum-file',
  holder: 'key holder',
  introduction: 'The quorum: as many different key holders as the threshold says, one after the other.',
};
const NEW_SPLIT: Asking = {
  option: '--new-quorum-file',
  holder: 'new key holder',
  introduction: 'The new key split: every key holder of it, one after the other.',
};
export const QUORUM_OPTION = [
  `${QUORUM.option} <file>`,
  'key split credentials, one a line: NAME passphrase ("-": standard input); asked for otherwise',
] as const;
export const NEW_QUORUM_OPTION = [
  `${NEW_SPLIT.option} <file>`,
  'credentials of the new key split, one a line: NAME passphrase; asked for otherwise',
] as const;

/** `mayWait`: with too few of them it is put aside. */
export function readQuorum(file: unknown, mayWait = false): Promise<readonly Named[]> {
  return read(file, QUORUM, mayWait ? ' (Enter: none, it waits for approval)' : '');
}

/** Each holder of a key split that is to be made. */
export function readNewQuorum(file: unknown): Promise<readonly Named[]> {
  return read(file, NEW_SPLIT, '');
}

/** `atFirst`: what stands beside the first question. */
async function read(
  file: unknown,
  { option, holder, introduction }: Asking,
  atFirst: string,
): Promise<readonly Named[]> {
  if (typeof file === 'string') return readCredentialsFile(file);
  const members: Named[] = [];
  if (process.stdin.isTTY === true) say(introduction);
  while (members.length < CREDENTIALS_MAX) {
    const question = `name of ${holder} ${members.length + 1}`;
    const hint = members.length === 0 ? atFirst : ' (Enter: no more)';
    const name = await promptName(`${question}${hint}`, option);
    if (name === '') break;
    if (members.some((member) => member.name === name))
      say(`${name} was here already: another one is needed`);
    else members.push({ name, passphrase: await promptPassphrase(`passphrase of ${name}`, option) });
  }
  return members;
}
