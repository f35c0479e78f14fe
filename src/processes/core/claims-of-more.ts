/** Hears from members that they have more of the log of this KMA than there is here, which nobody has proven: their word for what they hold of it counts no more, and after the time for a proof a new life is due, once a day for each member at most. It begins none. */
import { z } from 'zod';
import type { StateView } from '../../core/state.ts';
import type { Self } from '../../operations/operation.ts';
import type { Store } from '../../store/store.ts';
import { PROOF_MS } from './first-writes.ts';
import { OnceADay } from './once-a-day.ts';

/** Local rows. */
const OVERTAKEN_BY = 'ownLogOvertakenBy';
const BELIEVED = 'ownLogClaimsBelieved';
/** Many times the lives there may be; the oldest go first. */
const LIVES_MAX = 256;

const overtakenBy = z.strictObject({ log: z.string(), lives: z.array(z.string()) });

export interface ClaimsOfMoreParts {
  readonly store: Pick<Store, 'logLength' | 'getLocal' | 'setLocal' | 'transaction'> & {
    readonly state: Pick<StateView, 'get'>;
  };
  readonly self: Pick<Self, 'incarnationId'>;
  readonly nowMs: () => number;
  /** Runs on, whatever is done to the clock. */
  readonly elapsedMs: () => number;
  readonly trouble: (condition: string, details: string) => void;
  /** A new life is due. */
  readonly due: (length: number) => void;
}

interface Claim {
  readonly length: number;
  readonly sinceMs: number;
}

export class ClaimsOfMore {
  readonly #parts: ClaimsOfMoreParts;
  /** By KMA, what is not proven yet. */
  readonly #open = new Map<string, Claim>();
  /** Of this process: each member is judged once. */
  readonly #judged = new Set<string>();
  readonly #lives: Set<string>;
  readonly #believed: OnceADay;
  #livesWritten = true;

  constructor(parts: ClaimsOfMoreParts) {
    this.#parts = parts;
    const { store, self, nowMs } = parts;
    this.#believed = new OnceADay(store, BELIEVED, nowMs);
    const text = store.getLocal(OVERTAKEN_BY) || null;
    const row = text === null ? null : overtakenBy.parse(JSON.parse(text));
    this.#lives = new Set(row?.log === self.incarnationId ? row.lives : []);
  }

  /** A life of a member has so much of the own log. */
  told(kmaId: string, life: string, length: number): void {
    const { store, self, elapsedMs } = this.#parts;
    if (length <= store.logLength(self.incarnationId)) {
      this.#open.delete(kmaId);
      return;
    }
    this.#noteLife(life);
    if (this.#judged.has(kmaId)) return;
    const claim = this.#open.get(kmaId) ?? { length, sinceMs: elapsedMs() };
    this.#open.set(kmaId, claim);
    if (elapsedMs() - claim.sinceMs >= PROOF_MS) this.#judge(kmaId, claim);
  }

  /** The time for a proof is over for all: something may be written. */
  judge(): void {
    for (const [kmaId, claim] of [...this.#open]) this.#judge(kmaId, claim);
  }

  /** It had other entries at places that were written anew since: what it says that it holds may be those. */
  isOvertakenBy(life: string): boolean {
    return this.#lives.has(life);
  }

  #judge(kmaId: string, { length }: Claim): void {
    const { store, self, trouble, due } = this.#parts;
    const isBelieved = !this.#believed.wasDoneFor(kmaId);
    // First what has to be written down: where it cannot be, the next telling tries again.
    if (isBelieved) {
      due(length);
      this.#believed.doneFor(kmaId);
    }
    this.#open.delete(kmaId);
    this.#judged.add(kmaId);
    const name = store.state.get('kma', kmaId)?.name ?? kmaId;
    trouble(
      'Copied or older store',
      `kma=${name} says that it has ${length} entries of the log of this KMA, which has ${store.logLength(self.incarnationId)}, and nobody has proven it: ${isBelieved ? ACTED_ON : LEFT}`,
    );
  }

  #noteLife(life: string): void {
    if (this.#lives.has(life) && this.#livesWritten) return;
    this.#lives.add(life);
    this.#livesWritten = false;
    const [oldest] = this.#lives;
    if (this.#lives.size > LIVES_MAX && oldest !== undefined) this.#lives.delete(oldest);
    const { store, self } = this.#parts;
    const row = JSON.stringify({ log: self.incarnationId, lives: [...this.#lives] });
    store.transaction(() => store.setLocal(OVERTAKEN_BY, row));
    this.#livesWritten = true;
  }
}

const ADVICE =
  'look whether the machine of this KMA was put back to an earlier day; if it was not, that member says what is false';
const ACTED_ON = `a new life begins, since else it would write at places that are taken; ${ADVICE}`;
const LEFT = `a new life began for its word less than a day ago, and this KMA writes on; ${ADVICE}`;
