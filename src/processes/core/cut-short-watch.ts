/** Notices that other members end the log of this KMA before its last entry, although nobody has removed it, and for so long that no removal is on its way. It ends nothing itself. */
import { closerOf, isCutShort } from '../../core/log-end.ts';
import type { StateView } from '../../core/state.ts';
import type { Self } from '../../operations/operation.ts';
import type { Store } from '../../store/store.ts';

/** A removal comes with the word that closes the log, or soon after it. */
const PATIENCE_MS = 30 * 60_000;

export interface CutShortParts {
  readonly store: Pick<Store, 'logLength'> & { readonly state: Pick<StateView, 'get' | 'scan'> };
  readonly self: Pick<Self, 'kmaId' | 'incarnationId'>;
  /** Runs on, whatever is done to the clock. */
  readonly elapsedMs: () => number;
  /** By this KMA, as far as it is known. */
  readonly found: (byKmaId: string) => void;
}

export class CutShortWatch {
  readonly #parts: CutShortParts;
  #sinceMs: number | null = null;

  constructor(parts: CutShortParts) {
    this.#parts = parts;
  }

  look(): void {
    const { store, self, elapsedMs, found } = this.#parts;
    if (!isCutShort(store.state, self, store.logLength(self.incarnationId))) {
      this.#sinceMs = null;
      return;
    }
    this.#sinceMs ??= elapsedMs();
    if (elapsedMs() - this.#sinceMs >= PATIENCE_MS) found(closerOf(store.state, self.incarnationId) ?? '');
  }
}
