/** Which root key material a cluster goes on with after it lost a KMA, and whether the lost one may know it. It holds no key. */
import { livesOf } from './life.ts';
import { hlcMs, type Stamp } from './stamp.ts';
import type { StateView } from './state.ts';
import type { Row } from './tables.ts';

/** Far more than a cluster has, of today and of before. */
const KMAS_MAX = 1_000;
const SPLITS_MAX = 10_000;

/** Deleted as lost: what was in them may be in strange hands. In the order of their loss. */
export function lostKmas(state: Pick<StateView, 'page'>): readonly Row<'kma'>[] {
  return state
    .page('kma', '', KMAS_MAX)
    .filter(({ createdStamp, removedHow }) => createdStamp !== null && removedHow === 'lost')
    .sort((a, b) => ((a.removedStamp ?? '') < (b.removedStamp ?? '') ? -1 : 1));
}

export function lostAtMs(kma: Row<'kma'>): number | null {
  return kma.removedStamp === null ? null : hlcMs(kma.removedStamp);
}

/**
 * Lost after this root key material was made; or lost on the other side of a cut network, where it was given a copy. The
 * loss and what is made because of it have one stamp.
 */
export function mayKnowRoot(
  state: Pick<StateView, 'page' | 'scan'>,
  lost: Row<'kma'>,
  rootEpochId: string,
): boolean {
  const begun = beganAt(state, rootEpochId);
  if (begun === null || (lost.removedStamp ?? '') > begun) return true;
  return livesOf(state, lost.id).some(
    ({ id }) => state.scan('root_copy', 'life', { equals: [id, rootEpochId], limit: 1 }).length > 0,
  );
}

function beganAt(state: Pick<StateView, 'page'>, rootEpochId: string): Stamp | null {
  const stamps = state
    .page('key_split', '', SPLITS_MAX)
    .flatMap((split) =>
      split.rootEpochId === rootEpochId && split.createdStamp !== null ? [split.createdStamp] : [],
    );
  return stamps.sort()[0] ?? null;
}
