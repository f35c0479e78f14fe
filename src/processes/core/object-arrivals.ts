/** Waits for sealed objects that a call needs and that are on their way from another member. It fetches none itself. */
import type { ObjectId } from '../../core/ids.ts';

export interface ArrivalParts {
  readonly isMissing: (id: ObjectId) => boolean;
  /** These are to be asked for before all others. */
  readonly urgent: () => void;
}

interface Waiting {
  ids: readonly ObjectId[];
  readonly done: () => void;
}

export class ObjectArrivals {
  readonly #parts: ArrivalParts;
  readonly #waiting = new Set<Waiting>();

  constructor(parts: ArrivalParts) {
    this.#parts = parts;
  }

  /** Those somebody waits for. */
  urgent(): ObjectId[] {
    return [...new Set([...this.#waiting].flatMap(({ ids }) => ids))];
  }

  /** Resolves when none of them is missing, or after `timeoutMs`. */
  async wait(ids: readonly ObjectId[], timeoutMs: number): Promise<void> {
    const missing = ids.filter(this.#parts.isMissing);
    if (missing.length === 0 || timeoutMs <= 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiting: Waiting = { ids: missing, done: resolve };
    const timer = setTimeout(resolve, timeoutMs);
    this.#waiting.add(waiting);
    this.#parts.urgent();
    await promise;
    clearTimeout(timer);
    this.#waiting.delete(waiting);
  }

  /** After objects have come, or are not looked for any more. */
  look(): void {
    for (const waiting of this.#waiting) {
      waiting.ids = waiting.ids.filter(this.#parts.isMissing);
      if (waiting.ids.length === 0) waiting.done();
    }
  }
}
