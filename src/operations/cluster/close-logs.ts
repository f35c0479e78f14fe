/** CloseLogs: how much of a removed member's log this KMA has. What counts is the most that any member says (core/log-end.ts). It removes nobody. */

import { z } from 'zod';
import { created, type Fact, set } from '../../core/facts.ts';
import type { IncarnationId } from '../../core/ids.ts';
import { isOfRemoved, kmaOfLife } from '../../core/life.ts';
import { endsOf, hasMoreToSay, isEndedBefore } from '../../core/log-end.ts';
import { mayWrite } from '../../core/replication-version.ts';
import type { StateView } from '../../core/state.ts';
import { operation } from '../operation.ts';
import { success } from '../success.ts';

const LIVES_MAX = 10_000;
/** Of one operation; the rest a minute later. */
const CLOSED_AT_ONCE_MAX = 1_000;
const incarnationId = z.string().regex(/^[0-9A-F]{16}$/);

export interface LogEnd {
  readonly incarnationId: IncarnationId;
  readonly length: number;
}

/**
 * Lives of removed members of which this one has not said yet how much it has; also all that anybody has closed, before this
 * one knows why, and where it counts nothing here: of two members that remove each other, each removal may lie where the log
 * of the other ends, and those for whom it has ended learn the rest from those for whom it goes on. What it has said is said
 * again where it has more than all say, once all members can read that. Of an earlier life of its own it says how much it has
 * where others end it before: who has closed it may have forgotten why, with a disk that was put back.
 */
export function endsToSay(
  state: StateView,
  self: { readonly kmaId: string; readonly incarnationId: string },
  lengthOf: (incarnationId: string) => number,
): readonly LogEnd[] {
  const lives = state.page('incarnation', '', LIVES_MAX).filter((life) => kmaOfLife(life) !== null);
  const own = new Set(lives.filter((life) => kmaOfLife(life) === self.kmaId).map(({ id }): string => id));
  const isToSay = ({ incarnationId, length }: LogEnd): boolean => {
    const said = state.get('log_end', `${incarnationId}:${self.incarnationId}`);
    if (said?.createdStamp != null)
      return hasMoreToSay(state, said, length) && mayWrite(state, 'log_end.laterLength');
    if (own.has(incarnationId)) return isEndedBefore(state, incarnationId, length);
    return isOfRemoved(state, incarnationId) || endsOf(state, incarnationId).length > 0;
  };
  return lives
    .filter(({ id }) => id !== self.incarnationId)
    .map(({ id }) => ({ incarnationId: id as IncarnationId, length: lengthOf(id) }))
    .filter(isToSay)
    .slice(0, CLOSED_AT_ONCE_MAX);
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
  decide: ({ ends }, { self, state }) => ({
    facts: ends.map(({ incarnationId, length }) =>
      endFact(state, self.incarnationId, incarnationId as IncarnationId, length),
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

export function endFact(
  state: StateView,
  by: IncarnationId,
  incarnationId: IncarnationId,
  length: number,
): Fact {
  const id = `${incarnationId}:${by}`;
  return state.get('log_end', id)?.createdStamp == null
    ? created('log_end', id, { incarnationId, byIncarnationId: by, length })
    : set('log_end', id, { laterLength: length });
}
