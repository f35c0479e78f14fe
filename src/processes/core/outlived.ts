/** What follows when others have more, or another end, of a log of this KMA than it has itself, or end it before its last entry: nothing is written any more, and the next start begins a new life. It begins none. */
import type { Self } from '../../operations/operation.ts';
import { type Forked, noteCutShort, noteForked, noteLivedElsewhere } from '../../setup/copy-detection.ts';
import type { Store } from '../../store/store.ts';
import type { Health } from './health.ts';

export interface OutlivedParts {
  readonly store: Store;
  readonly self: Pick<Self, 'incarnationId'>;
  readonly health: Pick<Health, 'stopped' | 'enterOutlived'>;
  readonly note: (condition: string, details: string) => void;
  /** This process is to be replaced. */
  readonly replace: () => void;
}

export class Outlived {
  readonly #parts: OutlivedParts;

  constructor(parts: OutlivedParts) {
    this.#parts = parts;
  }

  ownLengthTold(length: number, proven: boolean): void {
    const { store, self, health } = this.#parts;
    if (!proven || length <= store.logLength(self.incarnationId) || health.stopped) return;
    // First, so that where it cannot be written down the next telling tries again.
    noteLivedElsewhere(store);
    this.#end('a member has more of the log of this KMA than it has itself');
  }

  /** Of a life that is over here. */
  forked(forked: Forked): void {
    if (this.#parts.health.stopped) return;
    noteForked(this.#parts.store, forked);
    const { incarnationId, after } = forked;
    this.#end(`members have another end of its log ${incarnationId} behind entry ${after}`);
  }

  /** The next life says how much there is of this one, and so brings it to the others. */
  cutShort(): void {
    if (this.#parts.health.stopped) return;
    noteCutShort(this.#parts.store);
    this.#end('members end its log before its last entry, although nobody has removed it');
  }

  #end(why: string): void {
    const { health, note, replace } = this.#parts;
    if (!health.enterOutlived()) return;
    note('Copied or older store', why);
    replace();
  }
}
