/** Keeps one chronyd running in the foreground: it is begun again when it ends, after pauses that grow, and ended with the KMA. It measures nothing. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { CHRONY_PACKAGE, isMissing, PROGRAM_ENVIRONMENT } from './programs.ts';

export interface DaemonEvents {
  /** It has ended and nobody asked for it; it is begun again. */
  readonly ended: (why: string) => void;
}

const PAUSE_FIRST_MS = 500;
const PAUSE_MAX_MS = 30_000;
/** A daemon that lived this long has recovered. */
const RECOVERED_MS = 60_000;
const STOP_MS = 5_000;
const LINE_MAX = 300;

export class Chronyd {
  readonly #events: DaemonEvents;
  #arguments: readonly string[] = [];
  #child: ChildProcess | null = null;
  #restart: NodeJS.Timeout | null = null;
  #pauseMs = PAUSE_FIRST_MS;
  #startedMs = 0;
  #wanted = false;
  #trouble = '';
  #lastLine = '';

  constructor(events: DaemonEvents) {
    this.#events = events;
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }
  /** Why it does not run; "" while it does. */
  get trouble(): string {
    return this.#trouble;
  }
  get runningMs(): number {
    return this.#child === null ? 0 : performance.now() - this.#startedMs;
  }

  /** Anew, where it runs already. */
  async start(given: readonly string[]): Promise<void> {
    await this.stop();
    this.#arguments = given;
    this.#wanted = true;
    this.#pauseMs = PAUSE_FIRST_MS;
    this.#begin();
  }

  async stop(): Promise<void> {
    this.#wanted = false;
    this.#trouble = '';
    if (this.#restart !== null) clearTimeout(this.#restart);
    this.#restart = null;
    const child = this.#child;
    if (child === null) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    child.once('close', () => resolve());
    child.kill('SIGTERM');
    const force = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await promise;
    clearTimeout(force);
  }

  /** It is begun again as if it had ended by itself. */
  kill(): void {
    this.#child?.kill('SIGKILL');
  }

  #begin(): void {
    this.#restart = null;
    this.#lastLine = '';
    this.#startedMs = performance.now();
    const child = spawn('chronyd', this.#arguments, {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: PROGRAM_ENVIRONMENT,
    });
    this.#child = child;
    this.#trouble = '';
    child.on('error', (error) => {
      this.#lastLine = isMissing(error) ? `it is not installed: package ${CHRONY_PACKAGE}` : error.message;
    });
    createInterface({ input: child.stderr }).on('line', (line) => {
      this.#lastLine = line.replace(/^\S+Z /, '').slice(0, LINE_MAX);
    });
    child.once('close', (code, signal) => this.#ended(signal ?? `code ${code}`));
  }

  #ended(how: string): void {
    const livedMs = performance.now() - this.#startedMs;
    this.#child = null;
    if (!this.#wanted) return;
    if (livedMs > RECOVERED_MS) this.#pauseMs = PAUSE_FIRST_MS;
    this.#trouble = `chronyd ended with ${how}${this.#lastLine === '' ? '' : `: ${this.#lastLine}`}`;
    this.#restart = setTimeout(() => this.#begin(), this.#pauseMs);
    this.#pauseMs = Math.min(this.#pauseMs * 2, PAUSE_MAX_MS);
    this.#events.ended(this.#trouble);
  }
}
