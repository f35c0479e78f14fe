/** From where on a log can be compared with what other members have: what came to them with the snapshot that they began from is in no engine any more. It compares nothing. */
import { kmaOfLife } from './life.ts';
import { isLive } from './live.ts';
import type { StateView } from './state.ts';
import type { VersionVector } from './version-vector.ts';

const LIVES_MAX = 10_000;

/** As many entries as the member has from a snapshot that has the fewest. */
export function comparedFrom(state: Pick<StateView, 'get' | 'page'>, incarnationId: string): number {
  const own = state.get('incarnation', incarnationId)?.kmaId ?? null;
  const bases = state.page('incarnation', '', LIVES_MAX).flatMap((life) => {
    const kmaId = kmaOfLife(life);
    const isOther = kmaId !== null && kmaId !== own && isLive(state.get('kma', kmaId));
    if (!isOther || life.createdStamp === null || life.endedStamp !== null) return [];
    return [(JSON.parse(life.baseVectorJson ?? '{}') as VersionVector)[incarnationId] ?? 0];
  });
  return bases.length === 0 ? 0 : Math.min(...bases);
}
