/** Stands between the core of a running KMA and its replicator, and keeps back what the core tells by itself of new entries; all questions and answers pass at once. It changes no message. */
import { readFileSync, renameSync, rmSync } from 'node:fs';
import { connect, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { FrameSocket } from '../../src/processes/frame.ts';
import { listenPrivately } from '../../src/processes/listen-privately.ts';
import type { TestKma } from './kma.ts';
import { until } from './until.ts';

/** A replicator that is replaced is there twice for a moment. */
const CONNECTIONS = 2;

export class HeldTelling {
  /** In the place of the core's socket. */
  readonly #path: string;
  readonly #behind: string;
  #server: Server | null = null;
  readonly #held: (() => void)[] = [];
  #holds = false;
  #joined = 0;

  private constructor(path: string) {
    this.#path = path;
    this.#behind = `${path}.core`;
  }

  /** The replicator is killed, so that the next one connects here; nothing is kept back yet. */
  static async at({ kma }: TestKma): Promise<HeldTelling> {
    const pid = kma.pids().get('replicator');
    if (pid === undefined) throw new Error('the KMA has no replicator');
    const telling = new HeldTelling(join(runtimeDirectoryOf(pid), 'inner', 'replicator.sock'));
    renameSync(telling.#path, telling.#behind);
    const place = { path: telling.#path, groupId: null, connections: CONNECTIONS };
    telling.#server = await listenPrivately(place, (socket) => telling.#join(socket));
    process.kill(pid, 'SIGKILL');
    await until('another replicator is connected', () => telling.#joined > 0);
    return telling;
  }

  /** How often the core would have told of new entries. */
  get held(): number {
    return this.#held.length;
  }

  hold(): void {
    this.#holds = true;
  }
  /** What was kept back is told now, in its order. */
  release(): void {
    this.#holds = false;
    for (const tell of this.#held.splice(0)) tell();
  }

  #join(replicator: Socket): void {
    this.#joined += 1;
    const core = new FrameSocket(connect(this.#behind), {
      onMessage: (message) => this.#fromCore(message as { t: string }, asker),
      onClose: () => asker.close(null),
    });
    const asker: FrameSocket = new FrameSocket(replicator, {
      onMessage: (message) => core.send(message as object),
      onClose: () => core.close(null),
    });
  }

  #fromCore(message: { t: string }, replicator: FrameSocket): void {
    if (this.#holds && message.t === 'grown') this.#held.push(() => replicator.send(message));
    else replicator.send(message);
  }

  /** With the KMA still running; its replicator is left without its core. */
  [Symbol.dispose](): void {
    this.#server?.close();
    rmSync(this.#path, { force: true });
  }
}

/** What stands last behind the program of each process of a KMA. */
function runtimeDirectoryOf(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').at(-2) ?? '';
}
