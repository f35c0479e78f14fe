/** The appliance command as a person runs it: a process of its own, passphrases in files. It starts no KMA by itself. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Person } from './kma.ts';
import { within } from './until.ts';

export const KMA_PROGRAM = fileURLToPath(new URL('../../src/cli/kma.ts', import.meta.url));

/** Tests run the command a hundred times; compiled once it starts in half the time. */
const compileCache = mkdtempSync(join(tmpdir(), 'openkma-compiled-'));
process.once('exit', () => rmSync(compileCache, { recursive: true, force: true }));

export interface CommandResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function kmaCommand(...argv: string[]): Promise<CommandResult> {
  return kmaCommandFed('', ...argv);
}

/** With `input` as its standard input. */
export function kmaCommandFed(input: string, ...argv: string[]): Promise<CommandResult> {
  return programFed(input, {}, KMA_PROGRAM, ...argv);
}

/** Any program of the project, with `more` in its environment. */
export function programFed(
  input: string,
  more: Readonly<Record<string, string>>,
  ...command: string[]
): Promise<CommandResult> {
  return commandFed(input, more, process.execPath, ...command);
}

/** Any command there is, with `more` in its environment. */
export async function commandFed(
  input: string,
  more: Readonly<Record<string, string>>,
  command: string,
  ...argv: string[]
): Promise<CommandResult> {
  const child = spawn(command, argv, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, NODE_COMPILE_CACHE: compileCache, ...more },
  });
  // A command that does not read its input may be gone before all of it is written.
  child.stdin.on('error', () => undefined).end(input);
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const told = Promise.all([text(child.stdout), text(child.stderr), ended]);
  const [stdout, stderr, status] = await within(`the end of ${[command, ...argv].join(' ')}`, told).finally(
    () => child.kill('SIGKILL'),
  );
  return { status, stdout, stderr };
}

/** `--user` and `--user-passphrase-file` for this person. */
export function asUser(folder: string, person: Person): string[] {
  return ['--user', person.name, '--user-passphrase-file', secretFile(folder, person.passphrase)];
}

/** `--quorum-file` with these credentials. */
export function asQuorum(folder: string, quorum: readonly Person[]): string[] {
  const lines = quorum.map(({ name, passphrase }) => `${name} ${passphrase}\n`);
  return ['--quorum-file', secretFile(folder, lines.join(''))];
}

function secretFile(folder: string, content: string): string {
  const path = join(folder, `secret-${randomBytes(4).toString('hex')}`);
  writeFileSync(path, content, { mode: 0o600 });
  return path;
}
