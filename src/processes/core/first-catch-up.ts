/** Whether this KMA, which has just started, may still lack what other members wrote while it was away. After some time it does not say so any more, whatever has come. */

/** A member that is there is connected to by then. */
const PATIENCE_MS = 10_000;
/** A store that was put back has forgotten what its own KMA once knew, which keys were destroyed among it. */
const PUT_BACK_PATIENCE_MS = 60_000;
/** The same, while somebody is there who has more. */
const COMING_PATIENCE_MS = 10 * 60_000;

export interface FirstCatchUpParts {
  /** Runs on, whatever is done to the clock. */
  readonly elapsedMs: () => number;
  readonly isAlone: () => boolean;
  /** A new life began with this start: what is here is older than what was there, or a copy of it. */
  readonly isPutBack: boolean;
  readonly someoneResponds: () => boolean;
  /** Somebody has told how far he is, and nobody is further. */
  readonly hasAll: () => boolean;
}

export class FirstCatchUp {
  readonly #parts: FirstCatchUpParts;
  readonly #begunMs: number;
  #over = false;

  constructor(parts: FirstCatchUpParts) {
    this.#parts = parts;
    this.#begunMs = parts.elapsedMs();
  }

  /** Once it is not, it never is again. */
  get isBehind(): boolean {
    const { elapsedMs, hasAll, isAlone } = this.#parts;
    this.#over ||= elapsedMs() - this.#begunMs >= this.#patienceMs || hasAll() || isAlone();
    return !this.#over;
  }

  get #patienceMs(): number {
    if (!this.#parts.isPutBack) return PATIENCE_MS;
    return this.#parts.someoneResponds() ? COMING_PATIENCE_MS : PUT_BACK_PATIENCE_MS;
  }
}
