/** Which of the missing sealed objects are asked for next, where they are more than one message holds: what nobody has must keep nothing else waiting. It asks nobody. */
import type { ObjectId } from '../../core/ids.ts';
import type { MissingObjects } from '../../store/missing-objects.ts';
import { MISSING_MAX } from '../replicator/messages.ts';

export interface WantedParts {
  readonly missing: MissingObjects;
  /** Objects of the key split of today, and of others that are later than what is here. */
  readonly keySplits: () => readonly ObjectId[];
  /** Those somebody waits for. */
  readonly urgent: () => readonly ObjectId[];
  /** Runs on, whatever is done to the clock. */
  readonly elapsedMs: () => number;
}

/** What another member wrote in the place of an ID nobody has, and no message can hold it. */
const OBJECT_ID = /^[0-9A-F]{32}$/;
const URGENT_MAX = MISSING_MAX / 4;
const FIRSTS_MAX = MISSING_MAX / 2;
/** Every member has been asked for all that it was told of by then. */
const ROUND_MS = 1_000;

export class WantedObjects {
  readonly #parts: WantedParts;
  #round = { after: '', next: '', atMs: Number.NEGATIVE_INFINITY };

  constructor(parts: WantedParts) {
    this.#parts = parts;
  }

  /** There are more than were told of, and it is time for those. */
  get due(): boolean {
    return this.#round.next !== '' && this.#parts.elapsedMs() - this.#round.atMs >= ROUND_MS;
  }

  /** While the key split of today is missing: nobody approves anything without it, and people have to know where it is lost. */
  get sought(): ObjectId[] {
    return [...new Set(this.#parts.keySplits())].filter((id) => OBJECT_ID.test(id));
  }

  /** First those that are sought, but for what no row names any more, then what is waited for, then the first of each log, since its keys count up to the first that is missing; the rest by turns. */
  all(): ObjectId[] {
    const { missing, urgent, elapsedMs } = this.#parts;
    const { after, next, atMs } = this.#round;
    this.#round =
      next === '' || this.due ? { after: next, next: '', atMs: elapsedMs() } : { after, next: '', atMs };
    const fits = (id: string) => OBJECT_ID.test(id);
    const first = [...this.sought.filter((id) => missing.has(id)), ...urgent().slice(0, URGENT_MAX)];
    const wanted = new Set([...first, ...missing.firsts(FIRSTS_MAX, fits)]);
    let last = '';
    for (const id of missing.around(this.#round.after)) {
      if (wanted.size >= MISSING_MAX) {
        this.#round.next = last;
        break;
      }
      if (fits(id)) wanted.add(id);
      last = id;
    }
    return [...wanted];
  }
}
