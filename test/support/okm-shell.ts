/** okm as an administrator runs it on his own computer: a process of its own, with a home of its own, passphrases in files. It starts no KMA. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CommandResult, commandFed, programFed } from './kma-command.ts';
import { PseudoTerminal } from './pseudo-terminal.ts';

const OKM_PROGRAM = fileURLToPath(new URL('../../src/cli/okm/main.ts', import.meta.url));

export class OkmShell {
  /** Where profiles are kept. */
  readonly home: string;

  constructor(folder: string) {
    this.home = mkdtempSync(join(folder, 'home-'));
  }

  run(...argv: string[]): Promise<CommandResult> {
    return this.fed('', ...argv);
  }

  /** With `input` as its standard input. */
  fed(input: string, ...argv: string[]): Promise<CommandResult> {
    return programFed(input, this.#environment, OKM_PROGRAM, ...argv);
  }

  /** With its standard output read by a command of the shell, whose result it is. */
  piped(argv: readonly string[], reader: string): Promise<CommandResult> {
    const shell = ['-c', `"$@" | ${reader}`, 'bash'];
    return commandFed('', this.#environment, 'bash', ...shell, process.execPath, OKM_PROGRAM, ...argv);
  }

  /** What goes on until it is ended. */
  start(...argv: string[]): ChildProcess {
    return spawn(process.execPath, [OKM_PROGRAM, ...argv], {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, ...this.#environment },
    });
  }

  onTerminal(...argv: string[]): PseudoTerminal {
    return new PseudoTerminal([process.execPath, OKM_PROGRAM, ...argv], 80, this.#environment);
  }

  get #environment(): Record<string, string> {
    return { XDG_CONFIG_HOME: this.home, OKM_PROFILE: '' };
  }

  /** Standard output of a command that has to succeed. */
  async text(...argv: string[]): Promise<string> {
    const { status, stdout, stderr } = await this.run(...argv);
    if (status !== 0) throw new Error(`okm ${argv.join(' ')}: ${status}\n${stdout}${stderr}`);
    return stdout;
  }

  async json<T>(...argv: string[]): Promise<T> {
    return JSON.parse(await this.text(...argv, '--json')) as T;
  }
  /** The first page of a list. */
  async rows<T>(...argv: string[]): Promise<readonly T[]> {
    return (await this.json<{ readonly rows: readonly T[] }>(...argv)).rows;
  }
}
