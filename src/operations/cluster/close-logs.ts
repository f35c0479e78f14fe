/** CloseLogs: how much of a removed member's log this KMA has. What counts is the most that any member says (core/log-end.ts). It removes nobody. */

import { z } from 'zod';
import { created } from '../../core/facts.ts';
import type { IncarnationId } from '../../core/ids.ts';
import { isOfRemoved, kmaOfLife } from '../../core/life.ts';
import { endsOf } from '../../core/log-end.ts';
import type { StateView } from '../../core/state.ts';
import { operation } from '../operation.ts';
import { success } from '../success.ts';

const LIVES_MAX = 10_000;
/** Of one operation; the rest a minute later. */
const CLOSED_AT_ONCE_MAX = 1_000;
const incarnationId = z.string().regex(/^[0-9A-F]{16}$/);

/**
 * Lives of removed members of which this one has not said yet how much it has; also all that anybody has closed, before this
 * one knows why, and where it counts nothing here: of two members that remove each other, each removal may lie where the log
 * of the other ends, and those for whom it has ended learn the rest from those for whom it goes on.
 */
export function openLogs(
  state: StateView,
  self: { readonly kmaId: string; readonly incarnationId: string },
): readonly IncarnationId[] {
  return state
    .page('incarnation', '', LIVES_MAX)
    .filter((life) => {
      const kmaId = kmaOfLife(life);
      if (kmaId === null || kmaId === self.kmaId) return false;
      if (!isOfRemoved(state, life.id) && endsOf(state, life.id).length === 0) return false;
      return state.get('log_end', `${life.id}:${self.incarnationId}`)?.createdStamp == null;
    })
    .slice(0, CLOSED_AT_ONCE_MAX)
    .map(({ id }) => id as IncarnationId);
}

export const closeLogs = operation({
  callers: 'local',
  quorum: false,
  needsUnlocked: false,
  changes: true,
  audit: { class: 'System', retention: 'long' },
  name: 'CloseLogs',
  summary: 'Says how much of the logs of removed members this KMA has; what lies beyond counts nowhere.',
  input: z.strictObject({
    ends: z
      .array(z.strictObject({ incarnationId, length: z.int().min(0) }))
      .min(1)
      .max(CLOSED_AT_ONCE_MAX),
  }),
  output: z.null(),
  decide: ({ ends }, { self }) => ({
    facts: ends.map((end) =>
      created('log_end', `${end.incarnationId}:${self.incarnationId}`, {
        incarnationId: end.incarnationId as IncarnationId,
        byIncarnationId: self.incarnationId,
        length: end.length,
      }),
    ),
    output: null,
    audit: success(
      ends
        .map((end) => `${end.incarnationId}=${end.length}`)
        .join(' ')
        .slice(0, 1024),
    ),
  }),
});
