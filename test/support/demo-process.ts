/** "npm start" with its process tree, in a process group of its own, as a terminal has it; all below it keep their temporary files in the given folder. It never waits without end. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { within } from './until.ts';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** The words after node. */
export const DEMO = [join(ROOT, 'scripts/run.mjs'), join(ROOT, 'src/cli/demo.ts')];

export class DemoProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;
  stdout = '';
  stderr = '';

  constructor(folder: string, directory: string, options: readonly string[]) {
    const argv = [...DEMO, '--data', directory, ...options];
    this.#child = spawn(process.execPath, argv, {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      env: { ...process.env, TMPDIR: folder },
    });
    this.#child.stdout?.on('data', (text) => {
      this.stdout += text;
    });
    this.#child.stderr?.on('data', (text) => {
      this.stderr += text;
    });
    this.#ended = once(this.#child, 'close').then(([code]) => code);
  }

  /** The exit code; one that serves on instead of ending fails the test with what it wrote. */
  ended(): Promise<number | null> {
    return within(() => `its end; it wrote:\n${this.stdout}${this.stderr}`, this.#ended);
  }

  /** To the whole group, as Ctrl-C does. */
  signal(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    // It could not be started; group 0 would be our own.
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // It has ended.
    }
  }

  /** Lines of --json. */
  events(): Record<string, unknown>[] {
    return this.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }
}
