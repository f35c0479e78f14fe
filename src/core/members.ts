/** Whether there are other KMAs in the cluster, entered or joined. It knows nothing of how they fare. */
import { isLive } from './live.ts';
import type { StateView } from './state.ts';

/** Many times what a cluster may have. */
const KMAS_MAX = 1_000;

export function isAlone(state: StateView, kmaId: string): boolean {
  return !state.page('kma', '', KMAS_MAX).some((kma) => isLive(kma) && kma.id !== kmaId);
}
