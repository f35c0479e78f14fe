/** What other members have confirmed to hold, as far as it counts for Ready (D4): by lives that go on, of members that are not removed, and never by the KMA that made the keys. It stores nothing. */
import { livesOf } from './life.ts';
import { isLive } from './live.ts';
import type { StateView } from './state.ts';

/** A life has every sealed key of a log that is not destroyed, up to a position. */
export interface Holding {
  /** The life that confirmed it. */
  readonly peer: string;
  readonly seq: number;
}

type Rows = Pick<StateView, 'get' | 'scan'>;

/** `holdings`: all that was confirmed of this log. */
export function heldThrough(state: Rows, incarnationId: string, holdings: readonly Holding[]): number {
  if (holdings.length === 0) return 0;
  const maker = state.get('incarnation', incarnationId)?.kmaId ?? null;
  if (maker === null) return 0;
  const counting = holdings.filter(({ peer }) => counts(state, peer, maker));
  return Math.max(0, ...counting.map(({ seq }) => seq));
}

/** A later life of the same KMA began with another store, which need not have what the earlier one confirmed. */
function counts(state: Rows, peer: string, maker: string): boolean {
  const life = state.get('incarnation', peer);
  if (life?.createdStamp == null || life.endedStamp !== null || life.kmaId === null) return false;
  if (life.kmaId === maker || !isLive(state.get('kma', life.kmaId))) return false;
  const { createdStamp } = life;
  return livesOf(state, life.kmaId).every(
    (other) => other.createdStamp === null || other.createdStamp <= createdStamp,
  );
}
