/** What one look at one place found: which step, how it went, why. Data alone; it looks at nothing itself. */

/** In the order they are made; each rests on those before it. */
export type StepName = 'name' | 'route' | 'tcp' | 'tls' | 'certificate' | 'identity' | 'clock' | 'answer';
export type Outcome = 'ok' | 'warning' | 'failed' | 'skipped';

/** What is behind an outcome that is not "ok", for the diagnosis; scripts may rely on them. */
export type Cause =
  | 'name-unknown'
  | 'name-server-silent'
  | 'no-route'
  | 'refused'
  | 'silent'
  | 'unreachable'
  | 'prohibited'
  | 'cut'
  | 'tls-version'
  | 'tls-none'
  | 'tls-silent'
  | 'tls-failed'
  | 'wrong-ca'
  | 'no-ca'
  | 'expired'
  | 'not-yet-valid'
  | 'expires-soon'
  | 'other-kma'
  | 'clock-off'
  | 'clock-drifts'
  | 'answer-silent'
  | 'udp-silent'
  | 'no-time-given'
  | 'answer-odd'
  | 'server-error'
  | 'locked'
  | 'busy'
  | 'identity-refused'
  | 'no-identity'
  | 'no-time'
  | 'before';

export interface Finding {
  readonly outcome: Outcome;
  /** Null where all is well. */
  readonly cause: Cause | null;
  /** For people: what was found. */
  readonly detail: string;
}

export interface Step extends Finding {
  readonly step: StepName;
  readonly ms: number;
}

export const ok = (detail: string): Finding => ({ outcome: 'ok', cause: null, detail });
export const warning = (cause: Cause, detail: string): Finding => ({ outcome: 'warning', cause, detail });
export const failed = (cause: Cause, detail: string): Finding => ({ outcome: 'failed', cause, detail });
export const skipped = (cause: Cause, detail: string): Finding => ({ outcome: 'skipped', cause, detail });

/** The step with the time it took since `startedMs`, by the clock of `performance`. */
export function step(name: StepName, startedMs: number, finding: Finding): Step {
  return { step: name, ...finding, ms: Math.round(performance.now() - startedMs) };
}
