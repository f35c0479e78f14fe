/** Which master keys a KMA could open without any other, given the sealed objects that it has: what it holds under others helps nobody (D4). It opens nothing. */
import { type HasObject, keySplitAt } from './key-split-standing.ts';
import type { StateView } from './state.ts';

type Rows = Pick<StateView, 'get' | 'page' | 'scan'>;

const WRAPS_MAX = 100_000;
const COPIES_MAX = 1_000;

/** Root key material that a quorum opens here, or that this life was given. */
export function rootsAt(state: Rows, has: HasObject, incarnationId: string): ReadonlySet<string> {
  const split = keySplitAt(state, has);
  const copies = state.scan('root_copy', 'life', { equals: [incarnationId], limit: COPIES_MAX });
  const here = [...(split === undefined ? [] : [split]), ...copies].filter(
    ({ objectId }) => objectId !== null && has(objectId),
  );
  return new Set(here.flatMap(({ rootEpochId }) => rootEpochId ?? []));
}

/** With this root key material. */
export function openableEpochs(state: Rows, has: HasObject, roots: ReadonlySet<string>): ReadonlySet<string> {
  const wraps = state
    .page('master_wrap', '', WRAPS_MAX)
    .filter(
      ({ rootEpochId, objectId }) => roots.has(rootEpochId ?? '') && objectId !== null && has(objectId),
    );
  return new Set(wraps.flatMap(({ masterEpochId }) => masterEpochId ?? []));
}
