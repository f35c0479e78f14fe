/** Watches the wall clock against the boot clock and the persisted hybrid clock (D2); it only judges, the core refuses. */
import { readFileSync } from 'node:fs';
import { judgeClock } from '../../core/clock-guard.ts';
import type { Store } from '../../store/store.ts';
import type { KmaClock } from './kma-clock.ts';

/** /proc/uptime counts suspended time too (CLOCK_BOOTTIME), unlike process.hrtime. */
export function bootClockMs(): number {
  return Number.parseFloat(readFileSync('/proc/uptime', 'utf8').split(' ')[0] ?? '0') * 1000;
}

const REREAD_MS = 1000;
/** Local row: the clock part of the last stamp when the time was accepted. */
const ACCEPTED = 'clockAcceptedHlcMs';

export class ClockWatch {
  readonly #store: Store;
  readonly #time: KmaClock;
  #wallAtStartMs: number;
  #bootAtStartMs = bootClockMs();
  #readMs = 0;
  #odd: string | null = null;
  #acceptedHlcMs: number;

  constructor(store: Store, time: KmaClock) {
    this.#store = store;
    this.#time = time;
    this.#wallAtStartMs = time.nowMs();
    this.#acceptedHlcMs = Number(store.getLocal(ACCEPTED) ?? 0);
  }

  /** What is odd about the clock, or null. Reads the boot clock at most once a second. */
  odd(): string | null {
    const monotonicMs = performance.now();
    if (this.#readMs !== 0 && monotonicMs - this.#readMs < REREAD_MS) return this.#odd;
    this.#readMs = monotonicMs;
    this.#odd = judgeClock({
      wallMs: this.#time.nowMs(),
      wallAtStartMs: this.#wallAtStartMs,
      bootMs: bootClockMs(),
      bootAtStartMs: this.#bootAtStartMs,
      lastHlc: this.#store.lastStamp(),
      acceptedHlcMs: this.#acceptedHlcMs,
    });
    return this.#odd;
  }

  /** The time was moved by hand, which is no jump. */
  adjusted(byMs: number): void {
    this.#wallAtStartMs += byMs;
    this.#readMs = 0;
  }

  /** A quorum has accepted the time as it is; it stays accepted through restarts. */
  accept(lastHlcMs: number): void {
    this.#wallAtStartMs = this.#time.nowMs();
    this.#bootAtStartMs = bootClockMs();
    this.#acceptedHlcMs = lastHlcMs;
    this.#store.transaction(() => this.#store.setLocal(ACCEPTED, String(lastHlcMs)));
    this.#readMs = 0;
  }
}
