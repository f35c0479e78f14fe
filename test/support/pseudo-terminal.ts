/** A program on a pseudo-terminal, made by script(1), with somebody who types once a prompt is there. It keeps everything that was shown. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';
import { shellWord } from '../../src/cli/shell-word.ts';
import { until, within } from './until.ts';

export const ENTER = '\r';
export const CTRL_C = '\u0003';

export class PseudoTerminal {
  /** As the program wrote it, control sequences and all. */
  raw = '';
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #ended: Promise<number | null>;
  /** How much of the text was waited for. */
  #seen = 0;

  constructor(argv: readonly string[], columns = 80, environment: NodeJS.ProcessEnv = {}) {
    const command = `stty columns ${columns} rows 24; exec ${argv.map(shellWord).join(' ')}`;
    this.#child = spawn('script', ['-qefc', command, '/dev/null'], {
      env: { ...process.env, TERM: 'xterm', SHELL: '/bin/sh', ...environment },
    });
    this.#child.stdout.on('data', (chunk) => {
      this.raw += chunk;
    });
    this.#ended = new Promise((resolve) => this.#child.once('close', resolve));
  }

  /** Without control sequences. */
  get text(): string {
    return stripVTControlCharacters(this.raw);
  }

  /** Waits until the pattern is shown after what was waited for before, and returns what was shown up to there. */
  async shows(pattern: RegExp): Promise<string> {
    const from = this.#seen;
    return until(`${pattern} on the terminal`, () => {
      const found = pattern.exec(this.text.slice(from));
      if (found === null) return null;
      this.#seen = from + found.index + found[0].length;
      return this.text.slice(from, this.#seen);
    }).catch((error) => {
      throw new Error(`${error.message}; it shows:\n${this.text.slice(from)}`);
    });
  }

  type(keys: string): void {
    this.#child.stdin.write(keys);
  }
  /** Types once the prompt is there. */
  async answer(prompt: RegExp, keys: string): Promise<string> {
    const shown = await this.shows(prompt);
    this.type(keys);
    return shown;
  }

  /** The exit code of the program. */
  ended(): Promise<number | null> {
    return within(() => `the end of the program; it shows:\n${this.text}`, this.#ended);
  }
  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended();
  }
}
