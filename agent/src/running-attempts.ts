/** Attempts of one call that run at the same time, one at each place, and which of them ends next; it begins none by itself and ends none. */

/** One that has said nothing for so long is waited for on the side, while the next one is asked. */
export const OVERLAP_MS = 1_500;

interface Target {
  readonly id: string;
}
export type Ended<At extends Target, Result> =
  | { readonly at: At; readonly result: Result }
  | { readonly at: At; readonly error: unknown };

export class RunningAttempts<At extends Target, Result> {
  readonly #attempt: (at: At) => Promise<Result>;
  readonly #running = new Map<string, Promise<Ended<At, Result>>>();

  constructor(attempt: (at: At) => Promise<Result>) {
    this.#attempt = attempt;
  }

  get size(): number {
    return this.#running.size;
  }
  has(id: string): boolean {
    return this.#running.has(id);
  }

  begin(at: At): void {
    const ended = this.#attempt(at).then(
      (result) => ({ at, result }),
      (error: unknown) => ({ at, error }),
    );
    this.#running.set(at.id, ended);
  }

  /** The next that ends, which runs no more then; null where none does within that time. */
  async next(withinMs: number): Promise<Ended<At, Result> | null> {
    const { promise: late, resolve } = Promise.withResolvers<null>();
    const timer = Number.isFinite(withinMs) ? setTimeout(() => resolve(null), withinMs) : undefined;
    const ended = await Promise.race([...this.#running.values(), late]);
    clearTimeout(timer);
    if (ended !== null) this.#running.delete(ended.at.id);
    return ended;
  }

  /** Told of those that nobody waits for any more, when they end. */
  leave(told: (ended: Ended<At, Result>) => void): void {
    for (const ended of this.#running.values()) void ended.then(told);
  }
}
