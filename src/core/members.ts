/** Which KMAs are in the cluster, entered or joined, and whether there are others, or were. It knows nothing of how they fare. */
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

/** Who was removed asks here whether it is a member still, and learns that it is none. */
export function hasOrHadOthers(state: Pick<StateView, 'page'>, kmaId: string): boolean {
  return state.page('kma', '', 2).some(({ id }) => id !== kmaId);
}

/** What is entered and has never begun a life can have nothing that is not here. */
export function othersThatLived(state: StateView, kmaId: string): readonly Row<'kma'>[] {
  return otherKmas(state, kmaId).filter(
    ({ id }) => state.scan('incarnation', 'kma', { equals: [id], limit: 1 }).length > 0,
  );
}

export function isOnlyOneThatLived(state: StateView, kmaId: string): boolean {
  return othersThatLived(state, kmaId).length === 0;
}
