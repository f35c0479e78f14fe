/** What is known of a life of a data directory, and of whose it is: by its own word, or, before its log has come, by that of the member that admitted it. It changes nothing. */
import type { KmaId } from './ids.ts';
import type { StateView } from './state.ts';
import type { Row } from './tables.ts';

type Life = Row<'incarnation'>;

/** Of one KMA: far more than it ever leads. */
const LIVES_MAX = 10_000;

export function kmaOfLife(life: Life): KmaId | null {
  return life.kmaId ?? life.admittedKmaId;
}
/** Null where nothing of that life has come yet. */
export function kmaOfIncarnation(state: Pick<StateView, 'get'>, incarnationId: string): KmaId | null {
  const life = state.get('incarnation', incarnationId);
  return life === undefined ? null : kmaOfLife(life);
}
/** Of a member whose removal is known here. One of which nothing is known yet is not removed: its entry may be on its way in another log. */
export function isOfRemoved(state: Pick<StateView, 'get'>, incarnationId: string): boolean {
  const kmaId = kmaOfIncarnation(state, incarnationId);
  return kmaId !== null && state.get('kma', kmaId)?.removedStamp != null;
}
export function logKeyOfLife(life: Life): string | null {
  return life.logPublicKey ?? life.admittedLogPublicKey;
}
/** Null of a life that began before there was replication, and has not been admitted since. */
export function replicationKeyOfLife(life: Life): string | null {
  return life.replicationPublicKey ?? life.admittedReplicationKey;
}

/** It was admitted, so it may have got a copy of everything, and has written nothing that came here. */
export function isNotBegun({ createdStamp, endedStamp, admittedKmaId }: Life, kmaId: string): boolean {
  return createdStamp === null && endedStamp === null && admittedKmaId === kmaId;
}

export function livesOf(state: Pick<StateView, 'scan'>, kmaId: string): readonly Life[] {
  return state.scan('incarnation', 'kma', { equals: [kmaId], limit: LIVES_MAX });
}

/** The one that began last and goes on. */
export function lifeOfNow(state: Pick<StateView, 'scan'>, kmaId: string): Life | undefined {
  return livesOf(state, kmaId)
    .filter(({ createdStamp, endedStamp }) => createdStamp !== null && endedStamp === null)
    .sort((a, b) => ((a.createdStamp ?? '') < (b.createdStamp ?? '') ? -1 : 1))
    .at(-1);
}
