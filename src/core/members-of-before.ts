/** Members that belong to the cluster as it was before it was restored as a whole: their lives are of another cluster epoch, so nobody here lets them in. It removes none. */
import { lifeOfNow } from './life.ts';
import { livingKmas } from './members.ts';
import type { StateView } from './state.ts';
import type { Row } from './tables.ts';

interface Self {
  readonly kmaId: string;
  readonly incarnationId: string;
}

export function membersOfBefore(
  state: Pick<StateView, 'get' | 'page' | 'scan'>,
  { kmaId, incarnationId }: Self,
): readonly Row<'kma'>[] {
  // Lives of the first versions have none.
  const epochId = state.get('incarnation', incarnationId)?.clusterEpochId ?? '';
  return livingKmas(state).filter(({ id }) => {
    const life = id === kmaId ? undefined : lifeOfNow(state, id);
    return life !== undefined && (life.clusterEpochId ?? '') !== epochId;
  });
}
