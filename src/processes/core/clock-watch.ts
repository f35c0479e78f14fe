/** Watches the wall clock against the boot clock, the persisted hybrid clock and the other members' clocks (D2); it only judges, the core refuses. */
import { readFileSync } from 'node:fs';
import { CLOCK_TOLERANCE_MS, judgeClock, medianAheadMs } from '../../core/clock-guard.ts';
import { readSetting } from '../../core/settings.ts';
import { hlcMs } from '../../core/stamp.ts';
import type { Store } from '../../store/store.ts';
import type { KmaClock } from './kma-clock.ts';

/** /proc/uptime counts suspended time too (CLOCK_BOOTTIME), unlike process.hrtime. */
export function bootClockMs(): number {
  return Number.parseFloat(readFileSync('/proc/uptime', 'utf8').split(' ')[0] ?? '0') * 1000;
}

const REREAD_MS = 1000;
/** Local row: the clock part of the last stamp when the time was accepted. */
const ACCEPTED = 'clockAcceptedHlcMs';
/** Another: by how much the others' clocks were ahead then. */
const ACCEPTED_AHEAD = 'clockAcceptedAheadMs';

export class ClockWatch {
  readonly #store: Store;
  readonly #time: KmaClock;
  #wallAtStartMs: number;
  #bootAtStartMs = bootClockMs();
  #readMs = 0;
  #odd: string | null = null;
  readonly #peersAheadMs: () => readonly number[];
  #acceptedHlcMs: number;
  #acceptedAheadMs: number;

  /** `peersAheadMs`: by how much the clock of each other member that responds is ahead of this one. */
  constructor(store: Store, time: KmaClock, peersAheadMs: () => readonly number[] = () => []) {
    this.#store = store;
    this.#time = time;
    this.#peersAheadMs = peersAheadMs;
    this.#acceptedAheadMs = Number(store.getLocal(ACCEPTED_AHEAD) ?? 0);
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
      acceptedHlcMs: this.#acceptedMs(),
      peersAheadMs: this.#peersAheadMs(),
      acceptedAheadMs: this.#acceptedAheadMs,
    });
    return this.#odd;
  }

  /** Of the last record, where it binds the clock: one from ahead of it that was accepted does not. */
  lastStampMs(): number {
    const lastMs = hlcMs(this.#store.lastStamp());
    const accepted = lastMs <= this.#acceptedMs() + CLOCK_TOLERANCE_MS;
    return accepted ? Math.min(lastMs, this.#time.nowMs()) : lastMs;
  }

  /** By a quorum here, or by one that accepted records for the whole cluster. */
  #acceptedMs(): number {
    return Math.max(this.#acceptedHlcMs, readSetting(this.#store.state, 'acceptedLogClockMs'));
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
    this.#acceptedAheadMs = medianAheadMs(this.#peersAheadMs());
    this.#store.transaction(() => {
      this.#store.setLocal(ACCEPTED, String(lastHlcMs));
      this.#store.setLocal(ACCEPTED_AHEAD, String(this.#acceptedAheadMs));
    });
    this.#readMs = 0;
  }
}
