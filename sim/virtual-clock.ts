/** The clocks of one simulated machine: a wall clock that drifts and can be set, and a boot clock that cannot. They move with virtual time alone. */
import type { Schedule } from './schedule.ts';

/** The world begins here; the year is of no meaning. */
export const WORLD_BEGINS_MS = Date.UTC(2026, 0, 1);

export class VirtualClock {
  readonly #schedule: Schedule;
  /** Parts of a million. */
  readonly #drift: number;
  #setByMs = 0;
  #bootedAtMs: number;

  constructor(schedule: Schedule, drift: number) {
    this.#schedule = schedule;
    this.#drift = drift;
    this.#bootedAtMs = schedule.nowMs;
  }

  wallMs(): number {
    return Math.floor(WORLD_BEGINS_MS + this.#drifted(this.#schedule.nowMs) + this.#setByMs);
  }
  bootMs(): number {
    return this.#drifted(this.#schedule.nowMs - this.#bootedAtMs);
  }
  boot(): void {
    this.#bootedAtMs = this.#schedule.nowMs;
  }
  step(byMs: number): void {
    this.#setByMs += byMs;
  }
  /** As NTP would have it. */
  setRight(): void {
    this.#setByMs = this.#schedule.nowMs - this.#drifted(this.#schedule.nowMs);
  }

  #drifted(ms: number): number {
    return ms * (1 + this.#drift / 1e6);
  }
}
