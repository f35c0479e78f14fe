/** Where the sealed object of the current key split can still come from while it is not here. It asks nobody, and takes no silence for an answer. */
import { currentKeySplit, type HasObject, isMakerGone, keySplitAt } from './key-split-standing.ts';
import { kmaOfIncarnation, kmaOfLife } from './life.ts';
import { otherKmas } from './members.ts';
import { incarnationOf } from './stamp.ts';
import type { StateView } from './state.ts';
import type { Row } from './tables.ts';

type Rows = Pick<StateView, 'get' | 'page'>;

/** Lives of a KMA that have just said that they have not this object; none where one of it is connected and has not said so. */
export type LivesLacking = (kmaId: string, objectId: string) => ReadonlySet<string>;

export interface SplitSearch {
  readonly state: Rows;
  readonly has: HasObject;
  /** This one, whose own objects `has` knows. */
  readonly kmaId: string;
  readonly lacking: LivesLacking;
}

/**
 * `maker`: who made it is a member, and stored it together with its facts. `others`: its maker is removed, and these members
 * may have it. `nobody`: it is lost for certain.
 */
export type MissingSplit =
  | { readonly at: 'maker'; readonly kmaId: string | null }
  | { readonly at: 'others'; readonly kmaIds: readonly string[] }
  | { readonly at: 'nobody' };

/** Of all KMAs: one for each restore and copy. */
const LIVES_MAX = 10_000;

/** Null where the object is here. `leaving`: a KMA that is removed with what is decided now. */
export function missingSplit(search: SplitSearch, leaving: string | null = null): MissingSplit | null {
  const { state, has, kmaId, lacking } = search;
  const current = currentKeySplit(state);
  if (current?.objectId == null || has(current.objectId)) return null;
  const { objectId } = current;
  if (!isMakerGone(state, current, leaving)) return { at: 'maker', kmaId: makerOf(state, current) };
  const lives = state.page('incarnation', '', LIVES_MAX);
  const kmaIds = otherKmas(state, kmaId)
    .map(({ id }) => id)
    .filter(
      (id) =>
        id !== leaving &&
        mayHave(
          lives.filter((life) => kmaOfLife(life) === id),
          lacking(id, objectId),
        ),
    );
  return kmaIds.length === 0 ? { at: 'nobody' } : { at: 'others', kmaIds };
}

/** One without a life has no store. One that was only admitted may have got a copy of somebody's. A later life began with another store than the one before. */
function mayHave(lives: readonly Row<'incarnation'>[], lacking: ReadonlySet<string>): boolean {
  if (lives.length === 0) return false;
  const [newest] = lives
    .filter(({ createdStamp, endedStamp }) => createdStamp !== null && endedStamp === null)
    .sort((a, b) => ((a.createdStamp ?? '') < (b.createdStamp ?? '') ? 1 : -1));
  return newest === undefined ? lacking.size === 0 : !lacking.has(newest.id);
}

/** By which the change of the key split is approved: the current one, and only where that is lost for certain the newest whose objects all are here. */
export function splitToChange(search: SplitSearch): Row<'key_split'> | undefined {
  const { state, has } = search;
  return missingSplit(search)?.at === 'nobody' ? keySplitAt(state, has) : currentKeySplit(state);
}

export interface Renewal {
  readonly replaces: Row<'key_split'>;
  /** Among whose persons new root key material is split: those of the current one, or, where that is gone for good, of the one before. */
  readonly splitLike: Row<'key_split'>;
}

/** Undefined while that is not known here: whom the change of the key split left out must not come back with new root key material either. */
export function splitToRenew(search: SplitSearch, leaving: string | null): Renewal | undefined {
  const { state, has } = search;
  const [replaces, splitLike] = [currentKeySplit(state), keySplitAt(state, has)];
  if (replaces === undefined || splitLike?.objectId == null || !has(splitLike.objectId)) return undefined;
  const missing = missingSplit(search, leaving);
  // Where master keys that were wrapped with it are missing, and not itself, its persons are those of the one before.
  const isGone = missing === null ? isMakerGone(state, replaces, leaving) : missing.at === 'nobody';
  return splitLike.id === replaces.id || isGone ? { replaces, splitLike } : undefined;
}

/** Null before its making has come. */
export function makerOf(state: Pick<StateView, 'get'>, { createdStamp }: Row<'key_split'>): string | null {
  return createdStamp === null ? null : kmaOfIncarnation(state, incarnationOf(createdStamp));
}
