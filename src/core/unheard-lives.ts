/** Lives that a person has ended before all is here that the members have of their logs: a backup may be told of there that holds what counts as erased. It reads no log. */
import { isOfRemoved, lifeOfNow } from './life.ts';
import { endsOf, lengthSaid } from './log-end.ts';
import { livingKmas } from './members.ts';
import type { StateView } from './state.ts';

/** Of all KMAs: one for each restore and copy. */
const LIVES_MAX = 10_000;

/**
 * Whoever confirms an erasure himself has told of all his backups before. Of one that is removed a person says that nothing
 * is left there, perhaps at a member that has caught up with little: so each member has to have said how much it has of that
 * log, and that much has to be here. What nobody has who is a member does not come any more.
 */
export function unheardLives(state: StateView): ReadonlySet<string> {
  const ended = state
    .page('incarnation', '', LIVES_MAX)
    .filter(({ id, endedStamp }) => endedStamp !== null && isOfRemoved(state, id));
  if (ended.length === 0) return new Set();
  const asked = livingKmas(state).flatMap(({ id }) => lifeOfNow(state, id) ?? []);
  const isHeardOut = (id: string): boolean => {
    const ends = endsOf(state, id).filter(
      ({ byIncarnationId }) => !isOfRemoved(state, byIncarnationId ?? ''),
    );
    return (
      asked.every((life) => ends.some(({ byIncarnationId }) => byIncarnationId === life.id)) &&
      ends.every((end) => lengthSaid(end) <= state.logLength(id))
    );
  };
  return new Set(ended.map(({ id }) => id).filter((id) => !isHeardOut(id)));
}
