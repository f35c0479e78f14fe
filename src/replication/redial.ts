/** When a member is dialled next: soon after the first failure, then ever later up to a limit, each time with jitter, so that members do not dial in step. It opens nothing. */

const FIRST_MS = 250;
/** Of one that is there and lets nobody in. */
const MAX_MS = 10_000;
/** Of one that is away: shorter than it waits, when it is back, with its first writes to be told of its own log. */
const AWAY_MAX_MS = 2_000;

export interface RedialParts {
  /** Resolves with true once a connection was made and taken. */
  readonly attempt: () => Promise<boolean>;
  /** Milliseconds that have to pass first. */
  readonly blockedMs: () => number;
  /** At least 0, below 1. */
  readonly random: () => number;
}

export class Redial {
  readonly #parts: RedialParts;
  #failures = 0;
  #timer: NodeJS.Timeout | null = null;
  #trying = false;
  #stopped = false;

  constructor(parts: RedialParts) {
    this.#parts = parts;
    this.#plan(0);
  }

  /** The connection has ended; one that came to nothing counts as a failure. */
  lost(wasInUse: boolean): void {
    this.#failures = wasInUse ? 0 : this.#failures + 1;
    this.#planNext(MAX_MS);
  }

  /** What kept it from being let in is over. */
  soon(): void {
    this.#failures = 0;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#planNext(MAX_MS);
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #planNext(maxMs: number): void {
    const backoffMs = Math.min(FIRST_MS * 2 ** this.#failures, maxMs);
    this.#plan(backoffMs * (0.5 + this.#parts.random()));
  }

  #plan(delayMs: number): void {
    if (this.#stopped || this.#timer !== null || this.#trying) return;
    this.#timer = setTimeout(() => this.#try(), Math.max(delayMs, this.#parts.blockedMs()));
  }

  #try(): void {
    this.#timer = null;
    this.#trying = true;
    this.#parts
      .attempt()
      .catch(() => false)
      .then((connected) => {
        this.#trying = false;
        if (connected) return;
        this.#failures += 1;
        this.#planNext(AWAY_MAX_MS);
      });
  }
}
