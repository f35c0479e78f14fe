/** One child process that is started again whenever it ends unasked; it knows nothing of what the child does. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const BACKOFF_FIRST_MS = 100;
/** With a start's half second under the two seconds in which a child is to be back; unless its plan has another. */
const BACKOFF_MAX_MS = 800;
/** A child that lived this long has recovered. */
const RECOVERED_MS = 10_000;

/** A quarter of what V8 takes for young objects by itself: several processes share the machine. */
const HEAP = ['--max-semi-space-size=4'];

/** Without it each process would load what takes types away: 12 MB. */
const STRIPPED = ['--import', new URL('../../scripts/stripped-types.mjs', import.meta.url).href];

/** Of every child, and of "kma serve" itself (bin/kma). */
export const NODE_OPTIONS: readonly string[] = [...HEAP, ...STRIPPED];

/** glibc would keep the 19 MB of each passphrase check, once for every thread; a fixed threshold gives them back. */
const ALLOCATION = { MALLOC_MMAP_THRESHOLD_: String(1024 * 1024) };

export interface ProcessPlan {
  readonly name: string;
  /** Of the KMA that it belongs to: with the name it stands behind the program, for whoever looks at the machine's processes. */
  readonly instance: string;
  readonly entry: URL;
  readonly nodeOptions: readonly string[];
  /** The first message of every new child; null while there is nothing to tell yet. */
  readonly startMessage: () => object | null;
  readonly onMessage: (message: unknown) => void;
  /** Told of every end that nobody asked for; false keeps it ended. */
  readonly onUnexpectedEnd: (how: string) => boolean;
  readonly report: (line: string) => void;
  /** Of one that nobody waits for: the longest pause before it is started again. */
  readonly backoffMaxMs?: number;
}

export class KeptProcess {
  readonly #plan: ProcessPlan;
  #child: ChildProcess | null = null;
  #begun = false;
  #backoffMs = BACKOFF_FIRST_MS;
  #restart: NodeJS.Timeout | null = null;
  #asked: 'run' | 'replace' | 'stop' = 'run';
  readonly #ended = Promise.withResolvers<void>();

  constructor(plan: ProcessPlan) {
    this.#plan = plan;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** For one that is not there from the start: again and again, if need be, and in vain once it was stopped. */
  begin(): void {
    if (this.#begun || this.#asked === 'stop') return;
    this.start();
  }

  start(): void {
    this.#begun = true;
    this.#restart = null;
    this.#asked = 'run';
    const startedMs = performance.now();
    const child = spawnNode(this.#plan);
    this.#child = child;
    child.on('message', (message) => this.#plan.onMessage(message));
    child.on('error', (error) => {
      this.#plan.report(`${this.#plan.name}: ${error.message}`);
      // What could not be started at all never tells of its end.
      if (child.pid === undefined) this.#exited(null, null, 0);
    });
    child.once('exit', (code, signal) => this.#exited(code, signal, performance.now() - startedMs));
    const message = this.#plan.startMessage();
    if (message !== null) this.send(message);
  }

  /** To a child that is just ending it gets lost; the next one learns the present state from its start message. */
  send(message: object): void {
    if (this.#child?.connected === true) this.#child.send(message, () => {});
  }

  /** Ends this child, by force after the deadline, and starts another at once. */
  replace(message: object, deadlineMs: number): void {
    if (this.#asked !== 'run') return;
    if (this.#child === null) return;
    this.#asked = 'replace';
    this.#end(message, deadlineMs);
  }

  /** Ends the child for good, by force after the deadline. */
  async stop(message: object, deadlineMs: number): Promise<void> {
    this.#asked = 'stop';
    if (this.#restart !== null) clearTimeout(this.#restart);
    if (this.#child === null) return;
    this.#end(message, deadlineMs);
    await this.#ended.promise;
  }

  #end(message: object, deadlineMs: number): void {
    const child = this.#child;
    this.send(message);
    const timer = setTimeout(() => child?.kill('SIGKILL'), deadlineMs);
    child?.once('exit', () => clearTimeout(timer));
  }

  #exited(code: number | null, signal: NodeJS.Signals | null, livedMs: number): void {
    this.#child = null;
    if (this.#asked === 'stop') return this.#ended.resolve();
    if (this.#asked === 'replace') return this.start();
    const how = signal === null ? `ended with code ${code}` : `was ended by ${signal}`;
    if (!this.#plan.onUnexpectedEnd(how)) return;
    if (livedMs > RECOVERED_MS) this.#backoffMs = BACKOFF_FIRST_MS;
    this.#plan.report(`${this.#plan.name} ${how}; starting it again in ${this.#backoffMs} ms`);
    this.#restart = setTimeout(() => this.start(), this.#backoffMs);
    this.#backoffMs = Math.min(this.#backoffMs * 2, this.#plan.backoffMaxMs ?? BACKOFF_MAX_MS);
  }
}

/**
 * Without core dumps, which would hold keys (D5), in a session of its own, so that Ctrl-C reaches the supervisor alone, and with
 * few variables, so that none changes the runtime. What a child prints goes to standard error.
 */
function spawnNode(plan: ProcessPlan): ChildProcess {
  const program = [fileURLToPath(plan.entry), plan.name, plan.instance];
  const node = [process.execPath, ...NODE_OPTIONS, ...plan.nodeOptions, ...program];
  return spawn('/bin/sh', ['-c', 'ulimit -c 0; exec "$@"', 'sh', ...node], {
    stdio: ['ignore', 2, 2, 'ipc'],
    detached: true,
    env: environment(),
  });
}

function environment(): NodeJS.ProcessEnv {
  const kept = ['PATH', 'LANG', 'TZ', 'TMPDIR', 'NODE_V8_COVERAGE'].map((name) => [name, process.env[name]]);
  return { ...ALLOCATION, ...Object.fromEntries(kept.filter(([, value]) => value !== undefined)) };
}
