/** Which key split a quorum opens at a KMA, given the sealed objects that it has, and which replaced ones stay there meanwhile. It opens nothing. */
import type { ObjectId } from './ids.ts';
import { isOfRemoved } from './life.ts';
import { live } from './live.ts';
import { readSetting } from './settings.ts';
import { incarnationOf } from './stamp.ts';
import type { StateView } from './state.ts';
import type { Row } from './tables.ts';

type Rows = Pick<StateView, 'get' | 'page'>;
export type HasObject = (objectId: string) => boolean;

/** One for each change of the key split, and for each loss, so far below this. */
const SPLITS_MAX = 10_000;
const WRAPS_MAX = 100_000;
/** In one entry, which is bounded: a member may have written any number. The next change retires more. */
const RETIRED_MAX = 100;

/** Of the cluster; undefined before QuickStart. */
export function currentKeySplit(state: Pick<StateView, 'get'>): Row<'key_split'> | undefined {
  return live(state, 'key_split', readSetting(state, 'currentKeySplitId'));
}

/**
 * The current one; while its objects are missing, the newest of which all are here. Facts travel ahead of objects, and who
 * made the current one may be gone for good before anybody had them.
 */
export function keySplitAt(state: Rows, has: HasObject): Row<'key_split'> | undefined {
  const current = currentKeySplit(state);
  if (current === undefined || lacks(state, current, has).length === 0) return current;
  const whole = splits(state)
    .filter((split) => isWhole(state, split, has))
    .sort(byStamp);
  return whole.at(-1) ?? current;
}

/** Whether a quorum of it opens all that is to be opened with it. */
export function isWhole(state: Rows, split: Row<'key_split'>, has: HasObject): boolean {
  return split.objectId !== null && lacks(state, split, has).length === 0;
}

/** A key split that opens nothing here, and what of it is missing: its own object, and after it master keys that were wrapped with it. */
export interface SplitNotHere {
  readonly split: Row<'key_split'>;
  readonly missing: readonly [ObjectId, ...ObjectId[]];
}

/**
 * The current one, and all that were made later than the newest of which all is here, retired ones too: whoever has one of
 * them is further than this KMA. Those made last come first; none where all of the current one is here.
 */
export function splitsNotHere(state: Rows, has: HasObject): readonly SplitNotHere[] {
  const current = currentKeySplit(state);
  if (current === undefined || lacks(state, current, has).length === 0) return [];
  const newest = keySplitAt(state, has);
  const since = newest === undefined || newest.id === current.id ? '' : (newest.createdStamp ?? '');
  return splits(state)
    .filter(({ id, createdStamp }) => id === current.id || (createdStamp ?? '') > since)
    .sort(byStamp)
    .reverse()
    .flatMap((split) => {
      const [first, ...more] = split.objectId === null ? [] : lacks(state, split, has);
      return first === undefined ? [] : [{ split, missing: [first, ...more] as const }];
    });
}

/** Objects of replaced key splits that are here and have to go: none before those of the current one are here. */
export function replacedSplitObjects(state: Rows, has: HasObject): readonly ObjectId[] {
  return isWaiting(state, has) ? [] : retiredObjects(state, has);
}

/** Objects of replaced key splits that stay until those of the current one are here. */
export function keptSplitObjects(state: Rows, has: HasObject): readonly ObjectId[] {
  return isWaiting(state, has) ? retiredObjects(state, has) : [];
}

/** True where the KMA that made it is removed. */
export function isMakerGone(state: Pick<StateView, 'get'>, { createdStamp }: Row<'key_split'>): boolean {
  return createdStamp !== null && isOfRemoved(state, incarnationOf(createdStamp));
}

/**
 * Where it was changed on both sides of a cut network one change prevails, and the facts of that one retire the split before
 * both, and not the other. Whoever changes it next retires that too, in the same entry: by itself such a fact could come
 * where the other one still counts, and take its object away. Of very many those whose objects are here, and the newest.
 */
export function unretiredSplits(state: Rows, has: HasObject = () => false): readonly Row<'key_split'>[] {
  const until = currentKeySplit(state)?.createdStamp ?? '';
  const waiting = splits(state).filter(
    ({ createdStamp, retiredStamp }) =>
      createdStamp !== null && createdStamp < until && retiredStamp === null,
  );
  const isHere = ({ objectId }: Row<'key_split'>) => objectId !== null && has(objectId);
  const newestFirst = waiting.sort(byStamp).reverse();
  return [...newestFirst.filter(isHere), ...newestFirst.filter((split) => !isHere(split))].slice(
    0,
    RETIRED_MAX,
  );
}

function byStamp(a: Row<'key_split'>, b: Row<'key_split'>): number {
  return (a.createdStamp ?? '') < (b.createdStamp ?? '') ? -1 : 1;
}

function isWaiting(state: Rows, has: HasObject): boolean {
  const current = currentKeySplit(state);
  return current !== undefined && lacks(state, current, has).length > 0;
}

/** Its own object, and the master keys that were wrapped with it: new root key material opens nothing else. */
function lacks(state: Rows, { objectId, createdStamp }: Row<'key_split'>, has: HasObject): ObjectId[] {
  const wraps = state
    .page('master_wrap', '', WRAPS_MAX)
    .filter((wrap) => wrap.createdStamp !== null && wrap.createdStamp === createdStamp);
  return [objectId, ...wraps.map((wrap) => wrap.objectId)].flatMap((id) =>
    id === null || has(id) ? [] : [id],
  );
}

function retiredObjects(state: Rows, has: HasObject): ObjectId[] {
  return splits(state)
    .filter(({ retiredStamp }) => retiredStamp !== null)
    .flatMap(({ objectId }) => (objectId !== null && has(objectId) ? [objectId] : []));
}

function splits(state: Rows): readonly Row<'key_split'>[] {
  return state.page('key_split', '', SPLITS_MAX);
}
