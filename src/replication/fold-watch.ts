/** How far the own folds are, and who waits for them to cover what a peer has announced (architecture 5.4): then nothing destroyed comes back. It folds nothing. */
import type { VersionVector } from '../core/version-vector.ts';

interface Waiting {
  readonly vector: VersionVector;
  readonly settle: (covered: boolean) => void;
}

export class FoldWatch {
  readonly #waiting = new Set<Waiting>();
  #limits: ReadonlyMap<string, number | null> = new Map();
  readonly #stalled = new Set<string>();
  #own: VersionVector;

  constructor(own: VersionVector) {
    this.#own = own;
  }

  get own(): VersionVector {
    return this.#own;
  }

  grown(own: VersionVector): void {
    this.#own = own;
    this.#settle();
  }

  /** The logs that count here, each with the length beyond which it does not; what a peer says of others has no meaning. */
  follow(logs: ReadonlyMap<string, number | null>): void {
    this.#limits = logs;
    this.#settle();
  }

  /** Of a log that is not taken any further: it holds up none of the others' objects. */
  stalled(log: string, isStalled: boolean): void {
    if (!isStalled) this.#stalled.delete(log);
    else this.#stalled.add(log);
    this.#settle();
  }

  covers(vector: VersionVector): boolean {
    for (const [log, limit] of this.#limits) {
      if (this.#stalled.has(log)) continue;
      const wanted = Math.min(vector[log] ?? 0, limit ?? Number.POSITIVE_INFINITY);
      if ((this.#own[log] ?? 0) < wanted) return false;
    }
    return true;
  }

  /** False where it does not come to that in time. */
  reached(vector: VersionVector, timeoutMs: number): Promise<boolean> {
    if (this.covers(vector)) return Promise.resolve(true);
    return new Promise((resolve) => {
      const timer = setTimeout(() => waiting.settle(false), timeoutMs);
      const waiting: Waiting = {
        vector,
        settle: (covered) => {
          clearTimeout(timer);
          this.#waiting.delete(waiting);
          resolve(covered);
        },
      };
      this.#waiting.add(waiting);
    });
  }

  close(): void {
    for (const waiting of [...this.#waiting]) waiting.settle(false);
  }

  #settle(): void {
    for (const waiting of [...this.#waiting]) if (this.covers(waiting.vector)) waiting.settle(true);
  }
}
