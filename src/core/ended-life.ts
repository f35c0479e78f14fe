/** Which lives of a data directory are over for this KMA: none of their keys is handed out as new, and any of them may have been (D2). */
import type { StateView } from './state.ts';
import type { Row } from './tables.ts';

interface Self {
  readonly kmaId: string;
  readonly incarnationId: string;
}

/**
 * A copied or restored store begins a new life of the same KMA without knowing whether the one before goes on elsewhere.
 * What a KMA handed out before it was removed nobody may have been told.
 */
export function isEndedLife(
  state: Pick<StateView, 'get'>,
  life: Row<'incarnation'>,
  { kmaId, incarnationId }: Self,
): boolean {
  if (life.id === incarnationId) return false;
  if (life.endedStamp !== null || life.kmaId === kmaId) return true;
  return life.kmaId !== null && state.get('kma', life.kmaId)?.removedStamp != null;
}
