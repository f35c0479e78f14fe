/** DeletePendingOperation: what was submitted is not carried out any more. */
import { z } from 'zod';
import { event } from '../../core/facts.ts';
import { isRefusal, refuse } from '../../core/refusal.ts';
import { operation } from '../operation.ts';
import { success } from '../success.ts';
import { openPending, pendingId, viewers } from './open-pending.ts';

export const deletePendingOperation = operation({
  ...viewers,
  changes: true,
  audit: { class: 'Security Officer', retention: 'long' },
  name: 'DeletePendingOperation',
  summary: 'Deletes a pending operation, which is then not carried out.',
  input: z.strictObject({ pendingId: pendingId() }),
  output: z.null(),
  command: {
    words: ['pending', 'delete'],
    arguments: ['pendingId'],
    example: 'kma pending delete ID --user officer',
  },
  http: { method: 'DELETE', path: '/v1/pending-operations/{pendingId}' },
  decide(input, { state, self, nowMs, caller }) {
    const row = openPending(state, self, input.pendingId);
    if (isRefusal(row)) return row;
    if (caller.kind !== 'user') return refuse('ACCESS_DENIED');
    const outcome = { finishedAt: nowMs, outcome: 'deleted', finishedBy: caller.id } as const;
    return {
      facts: [event('pending_operation', row.id, 'finished', outcome)],
      erase: row.objectId === null ? [] : [row.objectId],
      output: null,
      audit: success(`pending=${row.id} operation=${row.operation}`),
    };
  },
});
