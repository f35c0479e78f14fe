/** Which master keys a KMA could open without any other, given the sealed objects that it has: what it holds under others helps nobody (D4). It opens nothing. */
import { type HasObject, keySplitAt } from './key-split-standing.ts';
import type { StateView } from './state.ts';

type Rows = Pick<StateView, 'get' | 'page'>;

const WRAPS_MAX = 100_000;

/** Root key material that a quorum opens here, or that this life was given. `opened`: the epochs by the copies that it has opened. */
export function rootsAt(
  state: Rows,
  has: HasObject,
  opened: ReadonlyMap<string, string>,
): ReadonlySet<string> {
  const split = keySplitAt(state, has);
  const ofSplit = split?.objectId != null && has(split.objectId) ? split.rootEpochId : null;
  const ofCopies = [...opened].flatMap(([objectId, rootEpochId]) => (has(objectId) ? [rootEpochId] : []));
  return new Set(ofSplit === null ? ofCopies : [ofSplit, ...ofCopies]);
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
