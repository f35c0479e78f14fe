/** The clock of the core: the only one that its parts read. It is the machine's with what was adjusted by hand, and sets neither. */
import { clockOffsetMs } from '../../store/kma-time.ts';
import type { Store } from '../../store/store.ts';

export class KmaClock {
  readonly #store: Store;
  #offsetMs: number;

  constructor(store: Store) {
    this.#store = store;
    this.#offsetMs = clockOffsetMs(store);
  }

  get offsetMs(): number {
    return this.#offsetMs;
  }

  machineMs(): number {
    return Date.now();
  }

  nowMs(): number {
    return this.machineMs() + this.#offsetMs;
  }

  /** After the commit of an adjustment; gives by how much the time has changed. */
  adjusted(): number {
    const beforeMs = this.#offsetMs;
    this.#offsetMs = clockOffsetMs(this.#store);
    return this.#offsetMs - beforeMs;
  }
}
