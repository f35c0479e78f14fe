/** Where the sealed objects of the current key split can still come from while they are not here, and whether anybody has a later one than this KMA. It asks nobody, and takes no silence for an answer. */
import type { ObjectId } from './ids.ts';
import {
  currentKeySplit,
  type HasObject,
  isMakerGone,
  keySplitAt,
  type SplitNotHere,
  splitsNotHere,
} from './key-split-standing.ts';
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
 * may have it, or a later one than this KMA has: there the change is to be made. `nobody`: it is lost for certain, and so is
 * all that is later than what is here.
 */
export type MissingSplit =
  | { readonly at: 'maker'; readonly kmaId: string | null }
  | { readonly at: 'others'; readonly kmaIds: readonly string[] }
  | { readonly at: 'nobody' };

/** Key splits that are asked for at once; where more were made meanwhile, others have one of them. */
export const SOUGHT_MAX = 16;
/** Of all KMAs: one for each restore and copy. Where there are as many, not all of them were looked at. */
const LIVES_MAX = 10_000;

/** Of each key split that others may have and that is later than what is here, the object that they have to answer for: without that one it opens nothing. */
export function soughtObjects(state: Rows, has: HasObject): readonly ObjectId[] {
  return splitsNotHere(state, has)
    .slice(0, SOUGHT_MAX)
    .map(({ missing: [first] }) => first);
}

/** Null where the object is here. */
export function missingSplit(search: SplitSearch): MissingSplit | null {
  const objectId = currentKeySplit(search.state)?.objectId ?? null;
  return objectId === null || search.has(objectId) ? null : whereLaterIs(search);
}

/** Null where all is here. A KMA that leaves with what is decided now is a member until then: from it others may get something yet. */
function whereLaterIs(search: SplitSearch): MissingSplit | null {
  const { state, has, kmaId } = search;
  const current = currentKeySplit(state);
  const later = splitsNotHere(state, has);
  if (current === undefined || later.length === 0) return null;
  if (!isMakerGone(state, current)) return { at: 'maker', kmaId: makerOf(state, current) };
  const makers = later
    .filter(({ split }) => !isMakerGone(state, split))
    .map(({ split }) => makerOf(state, split));
  if (makers.includes(null)) return { at: 'maker', kmaId: null };
  const lives = state.page('incarnation', '', LIVES_MAX);
  const isUnsure = later.length > SOUGHT_MAX || lives.length >= LIVES_MAX;
  const kmaIds = otherKmas(state, kmaId)
    .map(({ id }) => id)
    .filter((id) => isUnsure || makers.includes(id) || mayHaveOne(search, id, lives, later));
  return kmaIds.length === 0 ? { at: 'nobody' } : { at: 'others', kmaIds };
}

function mayHaveOne(
  { lacking }: SplitSearch,
  kmaId: string,
  lives: readonly Row<'incarnation'>[],
  later: readonly SplitNotHere[],
): boolean {
  const ofIt = lives.filter((life) => kmaOfLife(life) === kmaId);
  return later.some(({ missing: [first] }) => mayHave(ofIt, lacking(kmaId, first)));
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
export function splitToRenew(search: SplitSearch): Renewal | undefined {
  const { state, has } = search;
  const [replaces, splitLike] = [currentKeySplit(state), keySplitAt(state, has)];
  if (replaces === undefined || splitLike?.objectId == null || !has(splitLike.objectId)) return undefined;
  const isSure = splitLike.id === replaces.id || whereLaterIs(search)?.at === 'nobody';
  return isSure ? { replaces, splitLike } : undefined;
}

/** Null before its making has come. */
export function makerOf(state: Pick<StateView, 'get'>, { createdStamp }: Row<'key_split'>): string | null {
  return createdStamp === null ? null : kmaOfIncarnation(state, incarnationOf(createdStamp));
}
