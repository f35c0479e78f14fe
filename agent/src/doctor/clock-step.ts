/** Judges how far a KMA's clock is from the one here. Pure: the three times come from whoever asked. */
import { type Finding, failed, ok, warning } from './step.ts';

/** From here on a KMA of the cluster changes nothing any more (its others call it odd), and certificates may seem to be of another time. */
export const CLOCK_FAILED_MS = 300_000;
export const CLOCK_WARNING_MS = 60_000;

export interface ClockLook {
  /** When the question left and when the answer was here, by the clock here. */
  readonly sentMs: number;
  readonly receivedMs: number;
  /** What the KMA said. */
  readonly theirsMs: number;
}

/** Positive where the KMA's clock is ahead. */
export function clockOffsetMs({ sentMs, receivedMs, theirsMs }: ClockLook): number {
  return Math.round(theirsMs - (sentMs + receivedMs) / 2);
}

export function judgeClock(look: ClockLook): Finding {
  const offsetMs = clockOffsetMs(look);
  const text = `${offsetText(offsetMs)}, as RetrieveLocalClock tells`;
  if (Math.abs(offsetMs) >= CLOCK_FAILED_MS) return failed('clock-off', text);
  if (Math.abs(offsetMs) >= CLOCK_WARNING_MS) return warning('clock-drifts', text);
  return ok(text);
}

export function offsetText(offsetMs: number): string {
  const seconds = Math.abs(offsetMs) / 1000;
  if (seconds < 1) return 'within a second';
  const amount = seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} minutes`;
  return `${amount} ${offsetMs > 0 ? 'ahead' : 'behind'}`;
}
