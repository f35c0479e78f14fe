/** What becomes true with new root key material, or with what a KMA adds to that of today: facts, objects, and what they take the place of. It makes no key. */
import { created, event, type Fact, set } from '../../core/facts.ts';
import {
  INTERNAL_ID_BYTES,
  type IncarnationId,
  idFrom,
  type KeySplitId,
  type MasterEpochId,
  type ObjectId,
  type RootEpochId,
} from '../../core/ids.ts';
import { currentKeySplit, unretiredSplits } from '../../core/key-split-standing.ts';
import { splitToRenew } from '../../core/missing-split.ts';
import { type Refusal, refuse } from '../../core/refusal.ts';
import { settingFact } from '../../core/settings.ts';
import { sha256Hex } from '../../security/sealing.ts';
import type { DecideContext, MasterWrap, NewRoot, RootCopy, RootUpkeep } from '../contexts.ts';
import type { Effect } from '../effects.ts';
import type { NewObject } from '../operation.ts';

export interface RootChange {
  readonly facts: readonly Fact[];
  readonly objects: readonly NewObject[];
  readonly erase: readonly ObjectId[];
}

/** Refused where the key split is another one than it was made from. */
export function replaceRoot(
  made: NewRoot,
  { state, nowMs, random, keySplits }: DecideContext,
): RootChange | Refusal {
  const { replaces, splitLike, split, wraps, copies } = made;
  if (currentKeySplit(state)?.id !== replaces.id)
    return refuse('SERVER_BUSY', 'the key split has changed meanwhile');
  // That of today may have come while it was made, or be found at a member: then it is not lost.
  const search = keySplits?.();
  if (search === undefined || splitToRenew(search)?.splitLike.id !== splitLike.id)
    return refuse('SERVER_BUSY', 'the key split has come meanwhile');
  const over = [replaces, ...unretiredSplits(state, search.has)];
  const rootEpochId = made.rootEpochId as RootEpochId;
  const keySplitId = made.keySplitId as KeySplitId;
  const masterEpochId = made.masterEpochId as MasterEpochId;
  return {
    facts: [
      created('key_split', keySplitId, {
        rootEpochId,
        threshold: splitLike.threshold,
        size: splitLike.size,
        namesJson: splitLike.namesJson,
        objectId: split.id,
        objectSha256: sha256Hex(split.bytes),
        createdAt: nowMs,
      }),
      ...over.map(({ id }) => event('key_split', id, 'retired', { retiredAt: nowMs })),
      created('master_epoch', masterEpochId, { createdAt: nowMs }),
      ...wraps.map((wrap) => wrapFact(wrap, rootEpochId)),
      ...copies.map((copy) => copyFact(copy, rootEpochId, random)),
      settingFact('currentKeySplitId', keySplitId),
      settingFact('currentRootEpochId', rootEpochId),
      settingFact('currentMasterEpochId', masterEpochId),
    ],
    objects: [split, ...wraps.map(({ object }) => object), ...copies.map(({ object }) => object)],
    erase: over.flatMap(({ objectId }) => objectId ?? []),
  };
}

/** After the commit. */
export function rootReplaced({ rootEpochId, rootKeyMaterial }: NewRoot): Effect {
  return { effect: 'root-replaced', rootEpochId, rootKeyMaterial };
}

export function upkeepOfRoot(
  { memberKey, wraps, rootEpochId: epoch }: RootUpkeep,
  { state, self }: DecideContext,
): RootChange {
  const rootEpochId = epoch as RootEpochId;
  // Another member may have been first.
  const lacking = wraps.filter(({ masterEpochId }) => {
    const wrap = state.get('master_wrap', `${masterEpochId}:${rootEpochId}`);
    return wrap?.createdStamp == null;
  });
  const until = state.get('member_key', self.incarnationId)?.objectId ?? null;
  return {
    facts: [
      ...lacking.map((wrap) => wrapFact(wrap, rootEpochId)),
      ...(memberKey === null
        ? []
        : [
            set('member_key', self.incarnationId, {
              objectId: memberKey.id,
              objectSha256: sha256Hex(memberKey.bytes),
              rootEpochId,
            }),
          ]),
    ],
    objects: [...lacking.map(({ object }) => object), ...(memberKey === null ? [] : [memberKey])],
    erase: memberKey === null || until === null ? [] : [until],
  };
}

function wrapFact({ masterEpochId, object }: MasterWrap, rootEpochId: RootEpochId): Fact {
  return created('master_wrap', `${masterEpochId}:${rootEpochId}`, {
    masterEpochId: masterEpochId as MasterEpochId,
    rootEpochId,
    objectId: object.id,
    objectSha256: sha256Hex(object.bytes),
  });
}

function copyFact(
  { incarnationId, object }: RootCopy,
  rootEpochId: RootEpochId,
  random: DecideContext['random'],
): Fact {
  return created('root_copy', idFrom(random(INTERNAL_ID_BYTES)), {
    incarnationId: incarnationId as IncarnationId,
    rootEpochId,
    objectId: object.id,
    objectSha256: sha256Hex(object.bytes),
  });
}
