/** What a KMA does on the word of another one at most once a day: when it last did so, by KMA, in a local row. It does nothing of it itself. */
import { z } from 'zod';
import type { Store } from '../../store/store.ts';

const DAY_MS = 24 * 60 * 60_000;
/** Many times the members there may be; the oldest go first. */
const KMAS_MAX = 256;
const times = z.record(z.string(), z.number());

export class OnceADay {
  readonly #store: Pick<Store, 'getLocal' | 'setLocal' | 'transaction'>;
  readonly #row: string;
  readonly #nowMs: () => number;

  /** `row`: the name of the local row. */
  constructor(store: Pick<Store, 'getLocal' | 'setLocal' | 'transaction'>, row: string, nowMs: () => number) {
    this.#store = store;
    this.#row = row;
    this.#nowMs = nowMs;
  }

  /** Within a day of now by the clock, on whichever side of it. */
  wasDoneFor(kmaId: string): boolean {
    const atMs = this.#read()[kmaId];
    return atMs !== undefined && Math.abs(this.#nowMs() - atMs) < DAY_MS;
  }

  /** `together`: written in the same transaction, so that what follows from it and that it was done are both there or neither. */
  doneFor(kmaId: string, together: () => void = () => undefined): void {
    const all = Object.entries({ ...this.#read(), [kmaId]: this.#nowMs() }).sort(([, a], [, b]) => b - a);
    const kept = JSON.stringify(Object.fromEntries(all.slice(0, KMAS_MAX)));
    this.#store.transaction(() => {
      this.#store.setLocal(this.#row, kept);
      together();
    });
  }

  /** An earlier version wrote such a row otherwise: then it is as if there were none. */
  #read(): z.infer<typeof times> {
    try {
      return times.parse(JSON.parse(this.#store.getLocal(this.#row) || '{}'));
    } catch {
      return {};
    }
  }
}
