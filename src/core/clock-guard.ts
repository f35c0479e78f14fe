/** Judges whether the wall clock can be trusted for stamps (D2); it reads no clock and stops nothing itself. */
import { type Hlc, hlcMs } from './stamp.ts';

/** KMAs and agents tolerate this much. */
export const CLOCK_TOLERANCE_MS = 5 * 60 * 1000;

/** A stamp of another KMA further ahead than this is not taken: well under the tolerance, so that taking it makes no sound clock odd. */
export const FOREIGN_AHEAD_MAX_MS = 2 * 60 * 1000;

/** What a quorum may accept at most, and what counts of what was accepted, whoever wrote it: beyond the room of stamps nobody could write any more. */
export const ACCEPTED_AHEAD_YEARS_MAX = 50;
export const ACCEPTED_AHEAD_MAX_MS = ACCEPTED_AHEAD_YEARS_MAX * 366 * 86_400_000;

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
  /** By how much the clock of each other member that responds is ahead of this one. */
  readonly peersAheadMs: readonly number[];
  /** By how much they all were when a quorum accepted the time as it was; 0 if none has. */
  readonly acceptedAheadMs: number;
}

/** What is odd, or null. Being ahead of the last stamp after a stop is normal: time has passed. */
export function judgeClock(readings: ClockReadings): string | null {
  const { wallMs, wallAtStartMs, bootMs, bootAtStartMs, lastHlc, acceptedHlcMs } = readings;
  const jumpMs = wallMs - wallAtStartMs - (bootMs - bootAtStartMs);
  if (Math.abs(jumpMs) > CLOCK_TOLERANCE_MS) return `the clock jumped ${durationWords(jumpMs)} while running`;
  const behindMs = hlcMs(lastHlc) - wallMs;
  // Stamps made since the acceptance creep on from the accepted one by their counter, hardly ever by a millisecond.
  const accepted = hlcMs(lastHlc) <= acceptedHlcMs + CLOCK_TOLERANCE_MS;
  if (behindMs > CLOCK_TOLERANCE_MS && !accepted)
    return `the clock is ${durationWords(behindMs)} behind the last record`;
  const aheadMs = medianAheadMs(readings.peersAheadMs);
  if (!isFar(aheadMs) || !isFar(aheadMs - readings.acceptedAheadMs)) return null;
  return `the clock is ${durationWords(Math.abs(aheadMs))} ${aheadMs > 0 ? 'behind' : 'ahead of'} those of the other KMAs`;
}

/** Of the difference of two clocks. */
export function isFar(differenceMs: number): boolean {
  return Math.abs(differenceMs) > CLOCK_TOLERANCE_MS;
}

/** The middle one; of two middle ones the nearer, and none where they contradict each other, since a clock is odd only where most say so. 0 without peers. */
export function medianAheadMs(peersAheadMs: readonly number[]): number {
  const sorted = [...peersAheadMs].sort((a, b) => a - b);
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? 0;
  const upper = sorted[Math.floor(sorted.length / 2)] ?? 0;
  if (lower < 0 && upper > 0) return 0;
  return Math.abs(lower) < Math.abs(upper) ? lower : upper;
}

/** Whether records of that time are in the past, near enough, or a quorum has accepted them. Those made since creep on from the accepted one. */
export function isAcceptableStamp(stampMs: number, nowMs: number, acceptedMs: number): boolean {
  if (stampMs - nowMs <= FOREIGN_AHEAD_MAX_MS) return true;
  const untilMs = Math.min(acceptedMs, nowMs + ACCEPTED_AHEAD_MAX_MS);
  return acceptedMs > 0 && stampMs <= untilMs + CLOCK_TOLERANCE_MS;
}

export function durationWords(ms: number): string {
  const whole = Math.round(ms / 1000);
  return Math.abs(whole) < 120 ? `${whole} s` : `${Math.round(whole / 60)} min`;
}
