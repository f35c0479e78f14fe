/** Expected refusals as values; broken invariants are thrown instead. */
import type { ErrorCode } from '../errors.ts';

/** `detail` is for the audit record and for callers who have proven who they are; it never names a secret. */
export interface Refusal {
  readonly refused: ErrorCode;
  readonly detail?: string;
}

export function refuse(code: ErrorCode, detail?: string): Refusal {
  return detail === undefined ? { refused: code } : { refused: code, detail };
}

export function isRefusal(value: unknown): value is Refusal {
  return typeof value === 'object' && value !== null && 'refused' in value;
}
