/** Whether this KMA, which has just started, may still lack what other members wrote while it was away. After some seconds it does not say so any more, whatever has come. */

/** A member that is there is connected to by then. */
const PATIENCE_MS = 10_000;

export interface FirstCatchUpParts {
  /** Runs on, whatever is done to the clock. */
  readonly elapsedMs: () => number;
  readonly isAlone: () => boolean;
  /** Somebody has told how far he is, and nobody is further. */
  readonly hasAll: () => boolean;
}

export class FirstCatchUp {
  readonly #parts: FirstCatchUpParts;
  readonly #endMs: number;
  #over = false;

  constructor(parts: FirstCatchUpParts) {
    this.#parts = parts;
    this.#endMs = parts.elapsedMs() + PATIENCE_MS;
  }

  /** Once it is not, it never is again. */
  get isBehind(): boolean {
    const { elapsedMs, hasAll, isAlone } = this.#parts;
    this.#over ||= elapsedMs() >= this.#endMs || hasAll() || isAlone();
    return !this.#over;
  }
}
