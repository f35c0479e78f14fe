/** The login attempt limit as pure arithmetic (D15): it slows or disables the passphrase proof, never certificates, and keeps no table. */

/** Failures in a row of one entity, or from one source address. */
export interface ProofFailures {
  readonly count: number;
  readonly lastMs: number;
}

export interface ProofQuestion {
  readonly entity: ProofFailures | undefined;
  /** Undefined also for the local socket. */
  readonly source: ProofFailures | undefined;
  /** Setting loginAttemptLimit. */
  readonly limit: number;
  /** The name waits as well: the last usable Security Officer's, and those that must not differ from his. */
  readonly slowed: boolean;
  readonly nowMs: number;
}

/** One address may fail this often before it waits: several agents enrol from behind one. */
const SOURCE_FAILURES_FREE = 20;
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 5 * 60 * 1000;
/** A source is forgotten after a quiet hour; an entity only by a success or a new passphrase. */
export const SOURCE_FORGOTTEN_MS = 60 * 60 * 1000;

export function isForgotten(source: ProofFailures | undefined, nowMs: number): boolean {
  return source !== undefined && nowMs - source.lastMs >= SOURCE_FORGOTTEN_MS;
}

export function afterFailure(failures: ProofFailures | undefined, nowMs: number): ProofFailures {
  return { count: (failures?.count ?? 0) + 1, lastMs: nowMs };
}

/** Without one of those attempts: when it was made, and what there was before it. Undefined where none is left. */
export function withoutAttempt(
  failures: ProofFailures,
  attemptMs: number,
  before: ProofFailures | undefined,
): ProofFailures | undefined {
  if (failures.count <= 1) return undefined;
  const last = failures.lastMs === attemptMs ? before?.lastMs : undefined;
  return { count: failures.count - 1, lastMs: last ?? failures.lastMs };
}

export interface DisablingRule {
  /** Setting loginAttemptLimit. */
  readonly limit: number;
  /** The last usable Security Officer: slowed, never blocked, because nobody could undo it. */
  readonly neverDisabled: boolean;
}

/** True when this many failures disable the entity's proof: a fact, which only a new passphrase undoes. */
export function disablesProof(failures: ProofFailures, { limit, neverDisabled }: DisablingRule): boolean {
  return failures.count >= limit && !neverDisabled;
}

/** How long until the next attempt is looked at; 0: now. Asked again it never says longer. */
export function waitBeforeProofMs({ entity, source, limit, slowed, nowMs }: ProofQuestion): number {
  const entityMs = slowed ? remainingMs(entity, limit - 1, nowMs) : 0;
  return Math.max(
    entityMs,
    isForgotten(source, nowMs) ? 0 : remainingMs(source, SOURCE_FAILURES_FREE, nowMs),
  );
}

/** Doubles with each failure beyond the free ones. */
function remainingMs(failures: ProofFailures | undefined, free: number, nowMs: number): number {
  if (failures === undefined || failures.count <= free) return 0;
  const doublings = Math.min(failures.count - free - 1, 30);
  const waitMs = Math.min(FIRST_WAIT_MS * 2 ** doublings, LONGEST_WAIT_MS);
  // A clock set back must not lengthen the wait.
  const passedMs = Math.max(0, nowMs - failures.lastMs);
  return Math.max(0, waitMs - passedMs);
}
