/** Makes new root key material after a KMA was lost: split among the same persons, or where the key split of today is lost among those of the one before; master keys wrapped under it, encrypted to the members that remain. It decides and writes nothing. */
import { type KeyObject, randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import {
  idFrom,
  type KeySplitId,
  type MasterEpochId,
  type ObjectId,
  type RootEpochId,
} from '../../core/ids.ts';
import { keySplitAt } from '../../core/key-split-standing.ts';
import { lifeOfNow } from '../../core/life.ts';
import { isAlone, livingKmas } from '../../core/members.ts';
import { type LivesLacking, splitToRenew } from '../../core/missing-split.ts';
import { type Refusal, refuse } from '../../core/refusal.ts';
import { mayWrite } from '../../core/replication-version.ts';
import type { MasterWrap, NewRoot, RootCopy, RootUpkeep } from '../../operations/contexts.ts';
import type { NewObject, Self } from '../../operations/operation.ts';
import { missingSplitText } from '../../operations/pending/missing-split-text.ts';
import { splitSearch } from '../../operations/pending/quorum-outcome.ts';
import { splitAnew } from '../../security/key-split.ts';
import { sealMasterKey } from '../../security/master-key.ts';
import {
  encryptRoot,
  isHalfOf,
  MEMBER_KEY_KIND,
  openPublicHalf,
  ROOT_COPY_KIND,
  type Root,
  sealPublicHalf,
} from '../../security/member-key.ts';
import { SecretBytes } from '../../security/secret-bytes.ts';
import type { Store } from '../../store/store.ts';
import { isRootReplaced } from './failure.ts';
import type { CoreMemory } from './memory.ts';
import { rootEpochOfToday } from './root-tools.ts';

export interface RootParts {
  readonly store: Store;
  readonly memory: CoreMemory;
  readonly self: Self;
  readonly lacking: LivesLacking;
  /** Throws where it cannot be opened here. */
  readonly masterKey: (epoch: string) => SecretBytes;
}

const ROOT_BYTES = 32;
const EPOCHS_MAX = 1_000;
/** Members that can be reached take new root key material, and show their keys under it, well within this. */
const FOLLOWING_MS = 3_000;
const LOOK_AGAIN_MS = 100;
const newId = <Id extends string>() => idFrom<Id>(randomBytes(16));

export async function newRoot(parts: RootParts, exceptKmaId: string | null): Promise<NewRoot | Refusal> {
  const { store, memory, self } = parts;
  // What is sealed under the next master key opens at no member that does not read of it.
  if (!mayWrite(store.state, 'master_epoch')) return refuse('NOT_YET_ALL_UPGRADED');
  await untilAllFollow(parts, exceptKmaId);
  const search = splitSearch(parts);
  const renewal = splitToRenew(search);
  const object = renewal === undefined ? undefined : store.getObject(renewal.splitLike.objectId ?? '');
  if (renewal === undefined || object === undefined)
    return refuse('CORE_SECURITY_NOT_FOUND', missingSplitText(search));
  const { replaces, splitLike } = renewal;
  const until = memory.root(splitLike.rootEpochId);
  if (until === undefined) return refuse('ROOT_KEY_MATERIAL_REPLACED');
  const root = {
    rootEpochId: newId<RootEpochId>(),
    rootKeyMaterial: new SecretBytes(randomBytes(ROOT_BYTES)),
  };
  const splitId = newId<KeySplitId>();
  const bytes = await splitAnew(object.bytes, until, { ...root, splitId });
  if (bytes === null) return refuse('MANAGER_INTERNAL', 'the key split is not the one it should be');
  const masterEpochId = newId<MasterEpochId>();
  const masterKey = new SecretBytes(randomBytes(ROOT_BYTES));
  const wraps = [
    ...epochsWithout(parts, root.rootEpochId).flatMap((epoch) => wrapOfKnown(parts, epoch, root)),
    wrapOf(masterEpochId, masterKey, root),
  ];
  masterKey.wipe();
  const members = livingKmas(store.state).filter(({ id }) => id !== exceptKmaId);
  const of = rootsThatCount(parts);
  const given = members.map((kma) => ({ kma, copy: copyFor(parts, kma.id, of, root) }));
  return {
    ...root,
    keySplitId: splitId,
    split: {
      id: newId<ObjectId>(),
      class: 'self-protected',
      kind: 'key-split',
      owner: splitId,
      epoch: root.rootEpochId,
      bytes,
    },
    replaces,
    splitLike,
    masterEpochId,
    wraps,
    copies: given.flatMap(({ copy }) => (copy === null ? [] : [copy])),
    // This one has it in memory, and writes its files by it.
    without: given.flatMap(({ kma, copy }) =>
      copy === null && kma.id !== self.kmaId ? [kma.name ?? ''] : [],
    ),
  };
}

/** Under which a member key has to be shown: what a quorum opens, and that of today. A lost KMA may know any other. */
function rootsThatCount({ store, memory }: RootParts): readonly Root[] {
  const split = keySplitAt(store.state, (id) => store.hasObject(id));
  const epochs = [split?.rootEpochId ?? null, rootEpochOfToday(store)];
  return memory.roots.filter(({ rootEpochId }) => epochs.includes(rootEpochId));
}

/** Where one KMA was lost right after another, the others have perhaps not shown their keys under what the first loss left behind. */
async function untilAllFollow(parts: RootParts, exceptKmaId: string | null): Promise<void> {
  const { store, memory } = parts;
  const anyFollows = () =>
    livingKmas(store.state).some(({ id }) => {
      const life = lifeOfNow(store.state, id)?.id;
      if (id === exceptKmaId || life === undefined) return false;
      const objectId = store.state.get('member_key', life)?.objectId ?? null;
      // Facts travel ahead of objects.
      if (objectId !== null && !store.hasObject(objectId)) return true;
      const shown = (under: readonly Root[]) => shownHalf(parts, life, under) !== undefined;
      return !shown(rootsThatCount(parts)) && shown(memory.roots);
    });
  for (let waitedMs = 0; waitedMs < FOLLOWING_MS && anyFollows(); waitedMs += LOOK_AGAIN_MS)
    await setTimeout(LOOK_AGAIN_MS);
}

/** Null where all is as it should be, or where this KMA cannot do anything about it. */
export function rootUpkeep(parts: RootParts): RootUpkeep | null {
  const { store, memory } = parts;
  const rootEpochId = rootEpochOfToday(store);
  const rootKeyMaterial = memory.root(rootEpochId);
  if (rootEpochId === null || rootKeyMaterial === undefined) return null;
  const root = { rootEpochId, rootKeyMaterial };
  const memberKey = newPublicHalf(parts, root);
  const wraps = epochsWithout(parts, rootEpochId).flatMap((epoch) => wrapOfKnown(parts, epoch, root));
  return memberKey === null && wraps.length === 0 ? null : { rootEpochId, memberKey, wraps };
}

/** What others know of it is read under the root key material of today, so it is sealed anew with each. */
function newPublicHalf({ store, memory, self }: RootParts, root: Root): NewObject | null {
  const { memberKey } = memory;
  const { incarnationId, kmaId } = self;
  if (memberKey === null || isAlone(store.state, kmaId) || !mayWrite(store.state, 'member_key')) return null;
  const published = publicHalfOf(store, incarnationId, root);
  if (published !== null && isHalfOf(published, memberKey)) return null;
  const id = newId<ObjectId>();
  const bytes = sealPublicHalf(root, incarnationId, id, memberKey);
  const { rootEpochId } = root;
  return { id, class: 'root-sealed', kind: MEMBER_KEY_KIND, owner: incarnationId, epoch: rootEpochId, bytes };
}

/** The key that this life gets root key material with, as it has shown by this root key material; null where it has shown none. */
function publicHalfOf(store: Store, incarnationId: string, root: Root): KeyObject | null {
  const objectId = store.state.get('member_key', incarnationId)?.objectId ?? null;
  const object = objectId === null ? undefined : store.getObject(objectId);
  return object === undefined ? null : openPublicHalf(root, incarnationId, object.id, object.bytes);
}

/** Null for a KMA that began to be a member before there were member keys, and has not been unlocked since; or since an earlier loss. */
function copyFor(parts: RootParts, kmaId: string, until: readonly Root[], root: Root): RootCopy | null {
  const incarnationId = lifeOfNow(parts.store.state, kmaId)?.id;
  if (incarnationId === undefined) return null;
  const half = shownHalf(parts, incarnationId, until);
  if (half === undefined) return null;
  const object: NewObject = {
    id: newId<ObjectId>(),
    class: 'self-protected',
    kind: ROOT_COPY_KIND,
    owner: incarnationId,
    epoch: root.rootEpochId,
    bytes: encryptRoot(half, incarnationId, root),
  };
  return { incarnationId, object };
}

function shownHalf(
  { store }: RootParts,
  incarnationId: string,
  under: readonly Root[],
): KeyObject | undefined {
  const [half] = under.flatMap((root) => publicHalfOf(store, incarnationId, root) ?? []);
  return half;
}

function epochsWithout({ store }: RootParts, rootEpochId: string): readonly string[] {
  return store.state
    .page('master_epoch', '', EPOCHS_MAX)
    .filter(({ id, createdStamp }) => createdStamp !== null && !isWrapped(store, id, rootEpochId))
    .map(({ id }) => id);
}

function isWrapped({ state }: Store, epoch: string, rootEpochId: string): boolean {
  return state.get('master_wrap', `${epoch}:${rootEpochId}`)?.createdStamp != null;
}

/** One that cannot be opened here is wrapped by a member that can. */
function wrapOfKnown({ masterKey }: RootParts, epoch: string, root: Root): MasterWrap[] {
  try {
    return [wrapOf(epoch, masterKey(epoch), root)];
  } catch (error) {
    if (isRootReplaced(error)) return [];
    throw error;
  }
}

function wrapOf(masterEpochId: string, masterKey: SecretBytes, root: Root): MasterWrap {
  const id = newId<ObjectId>();
  const bytes = sealMasterKey(root.rootKeyMaterial, { epochId: masterEpochId, objectId: id }, masterKey);
  const about = { class: 'root-sealed', kind: 'master-key', owner: masterEpochId } as const;
  return { masterEpochId, object: { ...about, id, epoch: root.rootEpochId, bytes } };
}
