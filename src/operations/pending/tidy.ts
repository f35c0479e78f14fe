/** TidyPendingOperations: the appliance takes away expired approvals, with a record, and operations that nobody cares for any more. What counts never rests on it. */
import { z } from 'zod';
import { type Fact, removed } from '../../core/facts.ts';
import type { ObjectId } from '../../core/ids.ts';
import { isLive } from '../../core/live.ts';
import { approvalsOf } from '../../core/pending-approvals.ts';
import type { StateView } from '../../core/state.ts';
import type { Row } from '../../core/tables.ts';
import { operation, type Self } from '../operation.ts';
import { success } from '../success.ts';

/** The product keeps pending operations for good; a list that only grows hides what waits. */
const KEPT_MS = 90 * 24 * 60 * 60 * 1000;
const EXAMINED_MAX = 10_000;

export const tidyPendingOperations = operation({
  callers: 'local',
  quorum: false,
  needsUnlocked: false,
  changes: true,
  audit: { class: 'Security Officer', retention: 'long' },
  name: 'TidyPendingOperations',
  summary: 'Removes approvals that have expired, and pending operations older than 90 days.',
  input: z.strictObject({}),
  output: z.null(),
  decide(_input, { state, self, nowMs }) {
    const rows = ownRows(state, self);
    const old = rows.filter((row) => isOld(row, nowMs));
    const expired = rows.flatMap((row) => dueApprovals(state, row, nowMs));
    const erase = old
      .filter((row) => row.finishedStamp === null && row.objectId !== null)
      .map((row) => row.objectId as ObjectId);
    return {
      facts: [...expired, ...old.map((row) => removed('pending_operation', row.id))],
      erase,
      output: null,
      audit: success(`approvals=${expired.length} operations=${old.length}`),
    };
  },
});

/** Those submitted here: others are tidied away where they were submitted. */
function ownRows(state: StateView, { kmaId }: Self): Row<'pending_operation'>[] {
  return state
    .scan('pending_operation', 'submitted', { equals: [], limit: EXAMINED_MAX })
    .filter((row) => isLive(row) && row.homeKmaId === kmaId);
}

const isOld = (row: Row<'pending_operation'>, nowMs: number) => nowMs - (row.submittedAt ?? 0) > KEPT_MS;

/** Expired ones, and with an operation that goes all of them. */
function dueApprovals(state: StateView, row: Row<'pending_operation'>, nowMs: number): Fact[] {
  return approvalsOf(state, row.id, '', nowMs)
    .filter(({ standing }) => standing === 'expired' || isOld(row, nowMs))
    .map((approval) => removed('pending_approval', approval.row.id));
}

/** Whether there is anything to tidy: a record every minute that says nothing helps nobody. */
export function needsTidying(state: StateView, self: Self, nowMs: number): boolean {
  return ownRows(state, self).some((row) => isOld(row, nowMs) || dueApprovals(state, row, nowMs).length > 0);
}
