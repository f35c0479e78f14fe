/** Attempts of one call that run at the same time, one at each place: which ends next, and whether one that has its connection may still be sent. It begins none by itself and ends none. */

/** One that has said nothing for so long is waited for on the side, while the next one is asked. */
export const OVERLAP_MS = 1_500;

/**
 * What a call is that two KMAs have done: `same` as if one had; `spare` leaves something that nobody has, such as a key;
 * `twice` is there two times.
 */
export type DoneByTwo = 'same' | 'spare' | 'twice';

/** That many KMAs may have it at a time. A second is for one that hangs; more would multiply the work of a cluster that is slow. */
const SENT_MAX: Record<DoneByTwo, number> = { same: Number.POSITIVE_INFINITY, spare: 2, twice: 1 };

interface Target {
  readonly id: string;
}
export interface Failed<At extends Target> {
  readonly at: At;
  readonly error: unknown;
  /** The KMA may have done it, and done by two it is not the same. */
  readonly sent: boolean;
}
export type Ended<At extends Target, Result> = { readonly at: At; readonly result: Result } | Failed<At>;

/** Asked once the connection is there: false where another KMA has the call, which nothing has begun of here then. */
export type MaySend = () => boolean;

interface Running<At extends Target, Result> {
  readonly ended: Promise<Ended<At, Result>>;
  sent: boolean;
  /** It has had its time. What it answers counts still. */
  overdue: boolean;
  superseded: boolean;
}

export class RunningAttempts<At extends Target, Result> {
  readonly #attempt: (at: At, maySend: MaySend) => Promise<Result>;
  readonly #doneByTwo: DoneByTwo;
  readonly #running = new Map<string, Running<At, Result>>();
  #tries = 0;
  #left = false;

  constructor(attempt: (at: At, maySend: MaySend) => Promise<Result>, doneByTwo: DoneByTwo) {
    this.#attempt = attempt;
    this.#doneByTwo = doneByTwo;
  }

  /** Without those that another one has made needless. */
  get tries(): number {
    return this.#tries;
  }
  get size(): number {
    return this.#running.size;
  }
  has(id: string): boolean {
    return this.#running.has(id);
  }

  begin(at: At): void {
    this.#tries += 1;
    // It may ask at once, before there is anything to be asked about.
    const maySend: MaySend = () => this.#maySend(one);
    const ended = Promise.resolve()
      .then(() => this.#attempt(at, maySend))
      .then(
        (result) => ({ at, result }),
        (error: unknown) => ({ at, error, sent: one.sent }),
      );
    const one: Running<At, Result> = { ended, sent: false, overdue: false, superseded: false };
    this.#running.set(at.id, one);
  }

  /** The next that ends, which runs no more then; null where none does within that time. */
  async next(withinMs: number): Promise<Ended<At, Result> | null> {
    const { promise: late, resolve } = Promise.withResolvers<null>();
    const timer = Number.isFinite(withinMs) ? setTimeout(() => resolve(null), withinMs) : undefined;
    try {
      for (;;) {
        const ended = await Promise.race([...[...this.#running.values()].map((one) => one.ended), late]);
        if (ended === null) return null;
        const superseded = this.#running.get(ended.at.id)?.superseded;
        this.#running.delete(ended.at.id);
        if (superseded !== true) return ended;
        this.#tries -= 1;
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** Those that run have had their time; whether another may be begun beside them. */
  goBeyond(): boolean {
    if (this.#sent().length >= SENT_MAX[this.#doneByTwo]) return false;
    for (const one of this.#running.values()) one.overdue = true;
    return true;
  }

  /** None is sent from now on; told of those that are on their way, when they end. */
  leave(told: (ended: Ended<At, Result>) => void): void {
    this.#left = true;
    for (const one of this.#running.values()) void one.ended.then((ended) => one.superseded || told(ended));
  }

  #maySend(one: Running<At, Result>): boolean {
    if (one.sent || this.#doneByTwo === 'same') return true;
    const sent = this.#sent();
    one.superseded =
      this.#left || sent.length >= SENT_MAX[this.#doneByTwo] || sent.some(({ overdue }) => !overdue);
    one.sent = !one.superseded;
    if (one.sent) one.overdue = false;
    return one.sent;
  }

  #sent(): readonly Running<At, Result>[] {
    return [...this.#running.values()].filter(({ sent }) => sent);
  }
}
