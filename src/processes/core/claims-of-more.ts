/** Hears from members that they have more of the log of this KMA than there is here, which nobody has proven: their word for what they hold of it counts no more, and after the time for a proof a new life is due, once a day for each member at most. It begins none. */
import { z } from 'zod';
import type { StateView } from '../../core/state.ts';
import type { Self } from '../../operations/operation.ts';
import type { Store } from '../../store/store.ts';
import { PROOF_MS } from './first-writes.ts';

/** Local rows. */
const OVERTAKEN_BY = 'ownLogOvertakenBy';
const BELIEVED = 'ownLogClaimsBelieved';
const DAY_MS = 24 * 60 * 60_000;
/** Many times the members and lives there may be; the oldest go first. */
const ROWS_MAX = 256;

const overtakenBy = z.strictObject({ log: z.string(), lives: z.array(z.string()) });
const believed = z.record(z.string(), z.number());

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
  #livesWritten = true;

  constructor(parts: ClaimsOfMoreParts) {
    this.#parts = parts;
    const { store, self } = parts;
    const row = readRow(store, OVERTAKEN_BY, overtakenBy);
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
    const { store, self, nowMs, trouble, due } = this.#parts;
    const times = readRow(store, BELIEVED, believed) ?? {};
    const isBelieved = Math.abs(nowMs() - (times[kmaId] ?? Number.NEGATIVE_INFINITY)) >= DAY_MS;
    // First what has to be written down: where it cannot be, the next telling tries again.
    if (isBelieved) {
      due(length);
      const all = Object.entries({ ...times, [kmaId]: nowMs() }).sort(([, a], [, b]) => b - a);
      this.#write(BELIEVED, Object.fromEntries(all.slice(0, ROWS_MAX)));
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
    if (this.#lives.size > ROWS_MAX && oldest !== undefined) this.#lives.delete(oldest);
    this.#write(OVERTAKEN_BY, { log: this.#parts.self.incarnationId, lives: [...this.#lives] });
    this.#livesWritten = true;
  }

  #write(name: string, value: unknown): void {
    const { store } = this.#parts;
    store.transaction(() => store.setLocal(name, JSON.stringify(value)));
  }
}

const ADVICE =
  'look whether the machine of this KMA was put back to an earlier day; if it was not, that member says what is false';
const ACTED_ON = `a new life begins, since else it would write at places that are taken; ${ADVICE}`;
const LEFT = `a new life began for its word less than a day ago, and this KMA writes on; ${ADVICE}`;

function readRow<T>(store: Pick<Store, 'getLocal'>, name: string, schema: z.ZodType<T>): T | null {
  const text = store.getLocal(name) || null;
  return text === null ? null : schema.parse(JSON.parse(text));
}
