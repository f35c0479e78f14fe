/** Finds the pending operation that somebody names, where something can still be done with it. It changes nothing. */
import { live } from '../../core/live.ts';
import { type Refusal, refuse } from '../../core/refusal.ts';
import type { StateView } from '../../core/state.ts';
import type { Row } from '../../core/tables.ts';
import { nameOf } from '../entities.ts';
import { internalId } from '../fields.ts';
import type { Self } from '../operation.ts';

export const pendingId = () => internalId('pending operation ID');

/** Whoever may see and delete pending operations. */
export const viewers = {
  callers: ['SECURITY_OFFICER', 'QUORUM_MEMBER'],
  quorum: false,
  needsUnlocked: false,
  changes: false,
  audit: { class: 'Management', retention: 'short' },
} as const;

/** Approved, carried out and deleted where it was submitted, so that none is carried out twice (5.10). */
export function openPending(state: StateView, self: Self, id: string): Row<'pending_operation'> | Refusal {
  const row = live(state, 'pending_operation', id);
  if (row === undefined) return refuse('PENDING_DOES_NOT_EXIST', id);
  if (row.finishedStamp !== null) return refuse('PENDING_FINISHED', `${id} was ${row.outcome}`);
  if (row.homeKmaId !== self.kmaId) return refuse('PENDING_ELSEWHERE', nameOf(state, 'kma', row.homeKmaId));
  return row;
}
