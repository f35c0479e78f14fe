/** Judges whether the wall clock can be trusted for stamps (D2); it reads no clock and stops nothing itself. */
import { type Hlc, hlcMs } from './stamp.ts';

/** KMAs and agents tolerate this much. */
export const CLOCK_TOLERANCE_MS = 5 * 60 * 1000;

/** A stamp of another KMA further ahead than this is not taken: well under the tolerance, so that taking it makes no sound clock odd. */
export const FOREIGN_AHEAD_MAX_MS = 2 * 60 * 1000;

export interface ClockReadings {
  readonly wallMs: number;
  readonly wallAtStartMs: number;
  /** Counts sleep, never set by anybody. */
  readonly bootMs: number;
  readonly bootAtStartMs: number;
  /** The last stamp that was written down. */
  readonly lastHlc: Hlc;
  /** The clock part of the last stamp when a quorum accepted the time as it was; 0 if none has. */
  readonly acceptedHlcMs: number;
}

/** What is odd, or null. Being ahead of the last stamp after a stop is normal: time has passed. */
export function judgeClock(readings: ClockReadings): string | null {
  const { wallMs, wallAtStartMs, bootMs, bootAtStartMs, lastHlc, acceptedHlcMs } = readings;
  const jumpMs = wallMs - wallAtStartMs - (bootMs - bootAtStartMs);
  if (Math.abs(jumpMs) > CLOCK_TOLERANCE_MS) return `the clock jumped ${seconds(jumpMs)} while running`;
  const behindMs = hlcMs(lastHlc) - wallMs;
  // Stamps made since the acceptance creep on from the accepted one by their counter, hardly ever by a millisecond.
  const accepted = hlcMs(lastHlc) <= acceptedHlcMs + CLOCK_TOLERANCE_MS;
  if (behindMs > CLOCK_TOLERANCE_MS && !accepted)
    return `the clock is ${seconds(behindMs)} behind the last record`;
  return null;
}

function seconds(ms: number): string {
  const whole = Math.round(ms / 1000);
  return Math.abs(whole) < 120 ? `${whole} s` : `${Math.round(whole / 60)} min`;
}
