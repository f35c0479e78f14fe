/** What follows when others have more, or another end, of a log of this KMA than it has itself, or end it before its last entry: nothing is written any more, and the next start begins a new life. It begins none. */
import type { StateView } from '../../core/state.ts';
import type { Self } from '../../operations/operation.ts';
import { type Forked, noteCutShort, noteForked, noteLivedElsewhere } from '../../setup/copy-detection.ts';
import type { Store } from '../../store/store.ts';
import type { Health } from './health.ts';
import { OnceADay } from './once-a-day.ts';

/** A local row. */
const CLOSERS = 'logClosers';

export interface OutlivedParts {
  readonly store: Store & { readonly state: Pick<StateView, 'get'> };
  readonly self: Pick<Self, 'incarnationId'>;
  readonly health: Pick<Health, 'stopped' | 'enterOutlived'>;
  readonly nowMs: () => number;
  readonly trouble: (condition: string, details: string) => void;
  /** To whoever runs the machine: nothing is recorded any more. */
  readonly tell: (text: string) => void;
  /** This process is to be replaced. */
  readonly replace: () => void;
}

export class Outlived {
  readonly #parts: OutlivedParts;
  /** A KMA that closes the log of this one again so soon is not one that forgot why. Each new life locks a KMA that does not unlock itself. */
  readonly #closers: OnceADay;
  #toldOfAgain = false;

  constructor(parts: OutlivedParts) {
    this.#parts = parts;
    this.#closers = new OnceADay(parts.store, CLOSERS, parts.nowMs);
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

  /** The next life says how much there is of this one, and so brings it to the others. Once a day for each who closes it. */
  cutShort(byKmaId: string): void {
    const { store, health } = this.#parts;
    if (health.stopped) return;
    if (this.#closers.wasDoneFor(byKmaId)) {
      this.#closedAgain(byKmaId);
      return;
    }
    this.#closers.doneFor(byKmaId, () => noteCutShort(store));
    this.#end('a member ends its log before its last entry, although nobody has removed it');
  }

  #closedAgain(byKmaId: string): void {
    if (this.#toldOfAgain) return;
    this.#toldOfAgain = true;
    const name = this.#parts.store.state.get('kma', byKmaId)?.name ?? 'an unknown KMA';
    this.#parts.trouble(
      'Log closed again',
      `by=${name}: what is changed here reaches no other KMA. It did so within the last day, too, and is not to be trusted: delete it as lost`,
    );
  }

  /** The record of the next life's beginning says why. */
  #end(why: string): void {
    const { health, tell, replace } = this.#parts;
    if (!health.enterOutlived()) return;
    tell(why);
    replace();
  }
}
