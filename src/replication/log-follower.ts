/** Gives the blocks of one foreign log in order to whoever stores them, as they come from any peer; one batch at a time. It stores nothing itself. */
import type { DownloadRange, HypercoreSession } from 'hypercore';
import type { OnBlocks } from './replicated-logs.ts';

export interface FollowLimits {
  /** What lies before it is never fetched; behind it everything, for others that have less. */
  readonly base: number;
  readonly blocks: number;
  readonly bytes: number;
  /** Before blocks that nobody took are offered again. */
  readonly retryMs: number;
}

export class LogFollower {
  readonly #core: HypercoreSession;
  readonly #onBlocks: OnBlocks;
  readonly #limits: FollowLimits;
  readonly #onFailure: (error: unknown) => void;
  readonly #stop = Promise.withResolvers<null>();
  #stopped = false;
  readonly #waiting = new Set<{ readonly length: number; readonly resolve: () => void }>();
  #next: number;
  readonly #ranges: DownloadRange[] = [];
  readonly #ended: Promise<void>;

  constructor(
    core: HypercoreSession,
    afterSeq: number,
    onBlocks: OnBlocks,
    limits: FollowLimits,
    onFailure: (error: unknown) => void,
  ) {
    this.#core = core;
    this.#next = afterSeq;
    this.#onBlocks = onBlocks;
    this.#limits = limits;
    this.#onFailure = onFailure;
    this.#ended = this.#run().catch((error: unknown) => {
      if (!this.#stopped) this.#onFailure(error);
      this.#stopped = true;
      this.#settle();
    });
  }

  /** Resolves when so many blocks were taken, when no more will be, or when nobody waits for it any more. */
  reached(length: number, givenUp: Promise<unknown>): Promise<void> {
    if (this.#next >= length || this.#stopped) return Promise.resolve();
    return new Promise((resolve) => {
      const waiting = { length, resolve };
      this.#waiting.add(waiting);
      givenUp.then(() => {
        this.#waiting.delete(waiting);
        resolve();
      });
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#stop.resolve(null);
    for (const range of this.#ranges) range.destroy();
    await this.#core.close();
    await this.#ended;
    this.#settle();
  }

  async #run(): Promise<void> {
    await this.#core.ready();
    if (this.#stopped) return;
    const { base } = this.#limits;
    const from = this.#next;
    this.#fetch(from, -1);
    while (!this.#stopped) {
      if (this.#next >= this.#core.length) {
        // What is folded already and lost here comes after what is new.
        if (this.#ranges.length === 1 && base < from) this.#fetch(base, from);
        this.#offer();
      }
      const blocks = await this.#batch();
      if (blocks === null) return;
      const length = await this.#onBlocks(this.#next, blocks);
      if (length <= this.#next) await this.#pause();
      this.#next = Math.max(this.#next, length);
      this.#settle();
    }
  }

  #fetch(start: number, end: number): void {
    const range = this.#core.download({ start, end, linear: true });
    this.#ranges.push(range);
    range.done().then(
      () => this.#offer(),
      () => undefined,
    );
  }

  /**
   * The engine tells its peers of a log's new length when it hears of it. With only some of the blocks it cannot prove that length
   * to all of them yet; once it can it does not say so by itself, and they would wait for the next entry.
   */
  #offer(): void {
    if (!this.#stopped) this.#core.core.replicator.onupgrade();
  }

  /** Waits for one block, and takes those with it that are here already; null when stopped. */
  async #batch(): Promise<Uint8Array[] | null> {
    const first = await Promise.race([this.#core.get(this.#next), this.#stop.promise]);
    if (first === null || this.#stopped) return null;
    const blocks: Uint8Array[] = [first];
    let bytes = first.length;
    while (blocks.length < this.#limits.blocks) {
      const index = this.#next + blocks.length;
      if (index >= this.#core.length || !(await this.#core.has(index))) break;
      const block = await this.#core.get(index, { wait: false });
      if (block === null || bytes + block.length > this.#limits.bytes) break;
      blocks.push(block);
      bytes += block.length;
    }
    return blocks;
  }

  async #pause(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const pause = new Promise<null>((resolve) => {
      timer = setTimeout(() => resolve(null), this.#limits.retryMs);
    });
    await Promise.race([pause, this.#stop.promise]);
    clearTimeout(timer);
  }

  #settle(): void {
    for (const waiting of [...this.#waiting]) {
      if (!this.#stopped && waiting.length > this.#next) continue;
      this.#waiting.delete(waiting);
      waiting.resolve();
    }
  }
}
