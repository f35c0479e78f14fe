/** Members that misbehaved are left alone for a time that grows each time they do it again. It keeps times only, and closes nothing. */

const FIRST_MS = 30_000;
const MAX_MS = 60 * 60_000;
/** After so long without another fault the next one counts as the first. */
const FORGIVEN_MS = 24 * 60 * 60_000;

interface Kept {
  readonly faults: number;
  readonly untilMs: number;
  attempts: number;
}

export interface LeftAlone {
  readonly forMs: number;
  /** How often it came all the same while it was left alone before. */
  readonly attempts: number;
}

export class Quarantine {
  readonly #nowMs: () => number;
  readonly #kept = new Map<string, Kept>();

  /** `nowMs`: of a clock that nobody sets. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** For how long it is left alone from now on. */
  put(kmaId: string): LeftAlone {
    const before = this.#kept.get(kmaId);
    const nowMs = this.#nowMs();
    const faults = before === undefined || nowMs - before.untilMs > FORGIVEN_MS ? 1 : before.faults + 1;
    const forMs = Math.min(FIRST_MS * 2 ** (faults - 1), MAX_MS);
    this.#kept.set(kmaId, { faults, untilMs: nowMs + forMs, attempts: 0 });
    return { forMs, attempts: before?.attempts ?? 0 };
  }

  /** Whether it is to be turned away, which is counted: it is told of with its next fault. */
  turnsAway(kmaId: string): boolean {
    const kept = this.#kept.get(kmaId);
    if (kept === undefined || this.leftMs(kmaId) === 0) return false;
    kept.attempts += 1;
    return true;
  }

  /** Milliseconds that are left; 0 for whom may be talked to. */
  leftMs(kmaId: string): number {
    return Math.max(0, (this.#kept.get(kmaId)?.untilMs ?? 0) - this.#nowMs());
  }
}
