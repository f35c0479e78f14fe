/** A KMA of the demonstration as a process tree of its own: started, ended, or killed as by a loss of power. It looks into no store. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { OpenKmaError } from '../../errors.ts';
import { childrenOf } from '../../processes/child-processes.ts';
import type { Listen } from '../../processes/messages.ts';
import { askOrThrow } from '../admin-client.ts';
import { type FromKma, fromKma, type ToKma } from './kma-messages.ts';
import type { Admitters } from './people.ts';
import type { Place } from './places.ts';

const PROGRAM = fileURLToPath(new URL('./kma-process.ts', import.meta.url));

export interface KmaOptions {
  readonly portOffset: number;
  readonly fronts: number;
  /** For their sockets; one that is killed leaves them. */
  readonly temporary: string;
  readonly log: (line: string) => void;
}

export class DemoKma {
  readonly place: Place;
  /** Rejects where it cannot start. */
  readonly ready: Promise<void>;
  /** Resolves with how it ended. */
  readonly ended: Promise<string>;
  readonly #child: ChildProcess;
  readonly #ready = Promise.withResolvers<void>();
  readonly #log: (line: string) => void;
  #locked = false;
  #listens: readonly Listen[] = [];

  constructor(place: Place, { portOffset, fronts, temporary, log }: KmaOptions) {
    this.place = place;
    this.#log = (line) => log(`${place.name}: ${line}`);
    // A session of its own: Ctrl-C reaches the demonstration alone, which then ends all of them in order.
    this.#child = fork(PROGRAM, [], {
      detached: true,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: { ...process.env, TMPDIR: temporary },
    });
    this.ready = this.#ready.promise;
    this.ended = new Promise((resolve) => {
      const end = (how: string) => {
        this.#ready.reject(new Error(`${place.name} ${how} before it served`));
        resolve(how);
      };
      this.#child.once('error', (error) => end(`could not be started (${error.message})`));
      this.#child.once('exit', (code, signal) =>
        end(signal === null ? `ended with code ${code}` : `was ended by ${signal}`),
      );
    });
    this.ready.catch(() => undefined);
    this.#child.on('message', (raw) => this.#hear(fromKma.parse(raw)));
    const { data, managementAddress, serviceAddress } = place;
    const told: ToKma = { data, managementAddress, serviceAddress, portOffset, fronts };
    this.#child.send(told, () => undefined);
  }

  #hear(message: FromKma): void {
    if (message.t === 'line') this.#log(message.line);
    else if (message.t === 'failed') {
      const { code, detail } = message;
      if (this.#listens.length > 0) this.#log(detail);
      this.#ready.reject(code === null ? new Error(detail) : new OpenKmaError(code, detail));
    } else {
      this.#locked = message.locked;
      this.#listens = message.listens;
      this.#ready.resolve();
    }
  }

  /** When it last came up, unless it was unlocked from here. */
  get locked(): boolean {
    return this.#locked;
  }
  get listens(): readonly Listen[] {
    return this.#listens;
  }

  ask<T>(operation: string): Promise<T> {
    return askOrThrow(this.place.data, { operation, input: {} }) as Promise<T>;
  }

  async unlock({ officer, quorum }: Admitters): Promise<void> {
    await askOrThrow(this.place.data, { operation: 'UnlockKma', input: {}, user: officer, quorum });
    this.#locked = false;
  }

  /** All its processes at once, without a moment for any of them; gives how many there were. */
  async kill(): Promise<number> {
    const { pid } = this.#child;
    if (pid === undefined) return 0;
    // Its parent first, which would start the others again. Where nobody tells of these, they end by themselves once it is gone.
    const pids = [pid, ...childrenOf(pid)];
    for (const one of pids) killOne(one);
    await this.ended;
    return pids.length;
  }

  /** Answers what is under way, then ends. */
  async stop(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    await this.ended;
  }
}

function killOne(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has gone by itself.
  }
}
