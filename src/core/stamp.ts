/** Hybrid logical clock readings and stamps, the order of everything that is replicated; it never reads a clock. */
import type { IncarnationId } from './ids.ts';

declare const brand: unique symbol;
/**
 * Sortable text: 12 hex digits of milliseconds since 1970, 4 of a counter, then the incarnation (16 digits).
 * 48 bits of milliseconds last until the year 10889, so nothing wraps.
 */
export type Stamp = string & { readonly [brand]: 'Stamp' };
/** The clock part alone: the first 16 digits of a stamp. */
export type Hlc = string & { readonly [brand]: 'Hlc' };

export const HLC_ZERO = '0'.repeat(16) as Hlc;
const COUNTER_MAX = 0xffff;

export function hlc(ms: number, counter: number): Hlc {
  return (ms.toString(16).padStart(12, '0') + counter.toString(16).padStart(4, '0')).toUpperCase() as Hlc;
}

export function hlcMs(clock: Hlc | Stamp): number {
  return Number.parseInt(clock.slice(0, 12), 16);
}

function hlcCounter(clock: Hlc): number {
  return Number.parseInt(clock.slice(12, 16), 16);
}

/** The next reading after `last` at wall time `nowMs`; a full counter borrows a millisecond rather than wrap. */
export function nextHlc(last: Hlc, nowMs: number): Hlc {
  const lastMs = hlcMs(last);
  if (nowMs > lastMs) return hlc(nowMs, 0);
  const counter = hlcCounter(last);
  return counter < COUNTER_MAX ? hlc(lastMs, counter + 1) : hlc(lastMs + 1, 0);
}

export function stampOf(clock: Hlc, incarnation: IncarnationId): Stamp {
  return (clock + incarnation) as unknown as Stamp;
}

/** Of the log that the entry stands in. */
export function incarnationOf(stamp: Stamp): IncarnationId {
  return stamp.slice(16) as IncarnationId;
}
