/** Adjusting the time of a KMA by hand: how far, how often, and never so far back that its records would lie in the future. It reads no clock. */
import { CLOCK_TOLERANCE_MS } from './clock-guard.ts';
import { type Refusal, refuse } from './refusal.ts';

/** Local rows: by how much the KMA's time is ahead of the machine's, and when that was last changed, by the KMA's time then. */
export const CLOCK_OFFSET = 'clockOffsetMs';
export const CLOCK_ADJUSTED_AT = 'clockAdjustedAtMs';

export const ADJUSTMENT_SECONDS_MAX = 300;
/** A machine that is further off needs its own clock set; certificates are made valid from a day before. */
export const OFFSET_MS_MAX = 12 * 60 * 60 * 1000;
const DAY_MS = 24 * 60 * 60 * 1000;

export interface ClockStanding {
  readonly machineMs: number;
  readonly offsetMs: number;
  /** By the KMA's time; null if never. */
  readonly adjustedAtMs: number | null;
  /** Of the last record that all KMAs get. */
  readonly lastStampMs: number;
  /** What is odd about it now. */
  readonly odd: string | null;
}

/** From when on it may be adjusted again, by the KMA's time; null if at once. */
export function adjustableAtMs({ machineMs, offsetMs, adjustedAtMs }: ClockStanding): number | null {
  if (adjustedAtMs === null) return null;
  // A machine whose clock was set back since need not wait for years.
  const sinceMs = Math.abs(machineMs + offsetMs - adjustedAtMs);
  return sinceMs < DAY_MS ? adjustedAtMs + DAY_MS : null;
}

/** Null where it may be adjusted by that much now. */
export function judgeAdjustment(byMs: number, standing: ClockStanding): Refusal | null {
  if (adjustableAtMs(standing) !== null) return refuse('CLOCK_ADJUSTED_TODAY');
  const offsetMs = standing.offsetMs + byMs;
  if (Math.abs(offsetMs) > OFFSET_MS_MAX) return refuse('CLOCK_TOO_FAR_OFF');
  // Forwards is never in the way of the records, also where the clock is behind them already.
  const behindMs = standing.lastStampMs - (standing.machineMs + offsetMs);
  return byMs < 0 && behindMs > CLOCK_TOLERANCE_MS ? refuse('CLOCK_BEHIND_RECORDS') : null;
}
