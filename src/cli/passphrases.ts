/** Passphrases for the command line: from a file, from standard input or typed unseen; never from arguments or the environment. */
import { readFileSync, statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { OpenKmaError } from '../errors.ts';

const FILE_BYTES_MAX = 64 * 1024;
/** As many as a key split has at most. */
export const CREDENTIALS_MAX = 10;

/** The first line of a file ("-": standard input), without its line end. */
export function readPassphraseFile(path: string): string {
  const first = readLines(path)[0] ?? '';
  if (first === '') throw new OpenKmaError('USAGE', `no passphrase in the first line of ${path}`);
  return first;
}

/** All of a file ("-": standard input). */
export function readPemFile(path: string): string {
  return readLines(path).join('\n');
}

/** Key split credentials, one a line: NAME, one blank or tab, passphrase. */
export function readCredentialsFile(path: string): { readonly name: string; readonly passphrase: string }[] {
  const credentials = readLines(path)
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => {
      const match = /^(\S+)[ \t](.+)$/.exec(line);
      if (match?.[1] === undefined || match[2] === undefined)
        throw new OpenKmaError('USAGE', `${path}: each line is NAME, a blank, and the passphrase`);
      return { name: match[1], passphrase: match[2] };
    });
  if (credentials.length > CREDENTIALS_MAX)
    throw new OpenKmaError('USAGE', `${path}: at most ${CREDENTIALS_MAX} credentials`);
  return credentials;
}

/** Asks on the terminal without showing what is typed; where there is no terminal it is refused, and `instead` said to be given. */
export async function promptPassphrase(question: string, instead: string): Promise<string> {
  assertTerminal(question, instead);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  try {
    // Not before the terminal shows nothing any more: who types at once would see it.
    return await answer('', silent, () => process.stderr.write(`${question}: `));
  } finally {
    process.stderr.write('\n');
  }
}

/** Asks on the terminal for what everybody may see, without blanks around it. */
export async function promptName(question: string, instead: string): Promise<string> {
  assertTerminal(question, instead);
  return (await answer(`${question}: `, process.stderr)).trim();
}

function assertTerminal(question: string, instead: string): void {
  if (process.stdin.isTTY !== true)
    throw new OpenKmaError('USAGE', `no terminal to ask on for "${question}": give ${instead}`);
}

async function answer(
  prompt: string,
  output: NodeJS.WritableStream,
  ready: () => void = () => undefined,
): Promise<string> {
  const lines = createInterface({ input: process.stdin, output, terminal: true });
  ready();
  try {
    return await new Promise<string>((resolve, reject) => {
      lines.question(prompt, resolve);
      lines.once('close', () => reject(new OpenKmaError('USAGE', 'nothing was typed')));
    });
  } finally {
    lines.close();
  }
}

let standardInputRead = false;

function readLines(path: string): string[] {
  const text = path === '-' ? readStandardInput() : readSmallFile(path);
  if (text.length > FILE_BYTES_MAX) throw new OpenKmaError('USAGE', `${path} is too long`);
  return text.split(/\r?\n/);
}

/** Once: a second reader would find nothing, and an empty passphrase would be refused for the wrong reason. */
export function readStandardInput(): string {
  if (standardInputRead)
    throw new OpenKmaError('USAGE', '"-" can be given once: standard input is read once');
  standardInputRead = true;
  return readFileSync(0, 'utf8');
}

function readSmallFile(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new OpenKmaError('USAGE', `no file ${path}`);
  if (found.isDirectory()) throw new OpenKmaError('USAGE', `${path} is a directory`);
  if (found.size > FILE_BYTES_MAX) throw new OpenKmaError('USAGE', `${path} is too long`);
  return readFileSync(path, 'utf8');
}

/** A new passphrase (`what`: "passphrase of ann"), typed twice, because a slip would lock its owner out. */
export async function promptNewPassphrase(what: string, instead: string): Promise<string> {
  for (;;) {
    const first = await promptPassphrase(`new ${what}`, instead);
    if (first === (await promptPassphrase('the same again', instead))) return first;
    process.stderr.write('the two differ; once more\n');
  }
}
