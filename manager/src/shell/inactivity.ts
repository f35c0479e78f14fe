/** When a session that nobody uses ends, when its user is warned, and when the KMA has to be told of a use: plain arithmetic. It asks no clock and nobody. */

export interface Use {
  /** The last sign of somebody at this page. */
  readonly usedAtMs: number;
  /** The last use that the KMA knows of: it counts from there. */
  readonly toldAtMs: number;
  /** 0: the session does not end by itself. */
  readonly inactivityMinutes: number;
}

export interface Standing {
  /** Until the KMA ends the session; null where it does not. */
  readonly leftMs: number | null;
  readonly isWarned: boolean;
  /** The KMA counts from a use that is not the last one. */
  readonly mustTell: boolean;
}

const MINUTE_MS = 60_000;
const WARNING_MS = 60_000;
const TELL_MS = 30_000;
/** Of a short term: one that is warned all the time could not be worked in; 20 seconds of one minute are left (WCAG 2.2.1). */
const WARNING_PART = 1 / 3;
const TELL_PART = 1 / 12;

export function standingOf({ usedAtMs, toldAtMs, inactivityMinutes }: Use, nowMs: number): Standing {
  const termMs = inactivityMinutes === 0 ? Number.POSITIVE_INFINITY : inactivityMinutes * MINUTE_MS;
  const leftMs = toldAtMs + termMs - nowMs;
  const isWarned = leftMs < Math.min(WARNING_MS, termMs * WARNING_PART);
  const tellMs = Math.min(TELL_MS, termMs * TELL_PART);
  const mustTell = usedAtMs > toldAtMs && (isWarned || nowMs - toldAtMs >= tellMs);
  return { leftMs: Number.isFinite(leftMs) ? leftMs : null, isWarned, mustTell };
}
