/** Exit codes of both commands, stable and documented in their --help; nothing else decides them, but what a doctor found (agent/src/doctor/examination.ts). */
import { ERRORS, type ErrorCode } from '../errors.ts';

export const EXIT = {
  ok: 0,
  failure: 1,
  usage: 2,
  notFound: 3,
  denied: 4,
  conflict: 5,
  quorum: 6,
  unavailable: 7,
  /** Accepted, and it waits for the approvals of a quorum. */
  pending: 8,
  /** By Ctrl-C, as shells count it: 128 and the signal's number. */
  left: 130,
} as const;

/** Taken, locked, or changed since it was looked at. */
const CONFLICTS: ReadonlySet<number> = new Set([409, 412, 423, 428]);

/** From the register's HTTP status, so that a new error needs no second table. */
export function exitCodeOf(code: ErrorCode): number {
  if (code === 'QUORUM_NOT_MET') return EXIT.quorum;
  if (code === 'USAGE') return EXIT.usage;
  const status: number = ERRORS[code].httpStatus;
  if (status === 400) return EXIT.usage;
  if (status === 404 || status === 410) return EXIT.notFound;
  if (status === 401 || status === 403) return EXIT.denied;
  if (CONFLICTS.has(status)) return EXIT.conflict;
  return status === 503 ? EXIT.unavailable : EXIT.failure;
}
