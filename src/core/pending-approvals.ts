/** Which approvals of a pending operation count now, as a pure question: the same text, young enough, each credential once. It knows no operation. */
import { isLive } from './live.ts';
import { readSetting } from './settings.ts';
import type { StateView } from './state.ts';
import type { Row } from './tables.ts';

const HOUR_MS = 60 * 60 * 1000;
/** Of one pending operation; each needs a right credential, which takes a while to check. */
const APPROVALS_MAX = 10_000;

export type ApprovalStanding = 'counts' | 'changed' | 'expired';

export interface Approval {
  readonly row: Row<'pending_approval'>;
  readonly expiresAtMs: number;
  readonly standing: ApprovalStanding;
}

export function approvalsOf(
  state: StateView,
  pendingId: string,
  textSha256: string,
  nowMs: number,
): Approval[] {
  return state
    .scan('pending_approval', 'pending', { equals: [pendingId, null], limit: APPROVALS_MAX })
    .filter(isLive)
    .map((row) => {
      const expiresAtMs = row.expiresAt ?? 0;
      return { row, expiresAtMs, standing: standingOf(row, textSha256, expiresAtMs, nowMs) };
    });
}

/** Fixed when it is given, so that a longer time revives none that has expired. */
export function expiryOfApproval(state: StateView, approvedAtMs: number): number {
  return approvedAtMs + readSetting(state, 'pendingCredentialsHours') * HOUR_MS;
}

/** A clock set back behind an approval ends it, since then nobody can tell its age. */
function standingOf(
  row: Row<'pending_approval'>,
  textSha256: string,
  expiresAtMs: number,
  nowMs: number,
): ApprovalStanding {
  if (nowMs < (row.approvedAt ?? 0) || nowMs >= expiresAtMs) return 'expired';
  return row.textSha256 === textSha256 ? 'counts' : 'changed';
}

/** Whose approvals count, each name once. */
export function approvers(approvals: readonly Approval[]): string[] {
  const names = approvals
    .filter(({ standing }) => standing === 'counts')
    .map(({ row }) => row.credentialName ?? '');
  return [...new Set(names)].sort();
}
