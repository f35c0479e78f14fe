/** Which master keys a KMA could open without any other, given the sealed objects that it has: what it holds under others helps nobody (D4). It opens nothing. */
import type { StateView } from './state.ts';

type Rows = Pick<StateView, 'page' | 'scan'>;
type Has = (objectId: string) => boolean;

/** One for each change of the key split, and for each loss, so far below this. */
const SPLITS_MAX = 10_000;
const WRAPS_MAX = 100_000;
const COPIES_MAX = 1_000;

/** Root key material that a quorum opens here, or that this life was given. */
export function rootsAt(state: Rows, has: Has, incarnationId: string): ReadonlySet<string> {
  const splits = state.page('key_split', '', SPLITS_MAX).filter(({ retiredStamp }) => retiredStamp === null);
  const copies = state.scan('root_copy', 'life', { equals: [incarnationId], limit: COPIES_MAX });
  const here = [...splits, ...copies].filter(({ objectId }) => objectId !== null && has(objectId));
  return new Set(here.flatMap(({ rootEpochId }) => rootEpochId ?? []));
}

/** With this root key material. */
export function openableEpochs(state: Rows, has: Has, roots: ReadonlySet<string>): ReadonlySet<string> {
  const wraps = state
    .page('master_wrap', '', WRAPS_MAX)
    .filter(
      ({ rootEpochId, objectId }) => roots.has(rootEpochId ?? '') && objectId !== null && has(objectId),
    );
  return new Set(wraps.flatMap(({ masterEpochId }) => masterEpochId ?? []));
}
