/** Which KMAs are in the cluster, entered or joined, and whether there are others. It knows nothing of how they fare. */
import { isLive } from './live.ts';
import type { StateView } from './state.ts';
import type { Row } from './tables.ts';

/** Many times what a cluster may have. */
const KMAS_MAX = 1_000;

export function livingKmas(state: Pick<StateView, 'page'>): readonly Row<'kma'>[] {
  return state.page('kma', '', KMAS_MAX).filter(isLive);
}

export function otherKmas(state: Pick<StateView, 'page'>, kmaId: string): readonly Row<'kma'>[] {
  return livingKmas(state).filter(({ id }) => id !== kmaId);
}

export function isAlone(state: StateView, kmaId: string): boolean {
  return otherKmas(state, kmaId).length === 0;
}

/** What is entered and has never begun a life can have nothing that is not here. */
export function isOnlyOneThatLived(state: StateView, kmaId: string): boolean {
  return !otherKmas(state, kmaId).some(
    ({ id }) => state.scan('incarnation', 'kma', { equals: [id], limit: 1 }).length > 0,
  );
}
