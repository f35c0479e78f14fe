/** Root key material and the master keys that it opens: the memory of the core joined to what the store has sealed. It writes nothing. */
import type { MasterEpochId, ObjectId } from '../../core/ids.ts';
import { keySplitAt } from '../../core/key-split-standing.ts';
import { readSetting } from '../../core/settings.ts';
import { OpenKmaError } from '../../errors.ts';
import { openMasterKey } from '../../security/master-key.ts';
import type { Root } from '../../security/member-key.ts';
import type { SecretBytes } from '../../security/secret-bytes.ts';
import type { Store } from '../../store/store.ts';
import type { CoreMemory } from './memory.ts';

/** One for each master key and each root key material there ever was. */
const WRAPS_MAX = 100_000;

/** The root key material that master keys, backups and the key split of today rest on; null before QuickStart. */
export function rootEpochOfToday(store: Store): string | null {
  return readSetting(store.state, 'currentRootEpochId');
}

export function lacksRoot(store: Store, memory: CoreMemory): boolean {
  return memory.unlocked && memory.root(rootEpochOfToday(store)) === undefined;
}

/** Of today, or the last that is known here. */
export function newestRoot(store: Store, memory: CoreMemory): Root | undefined {
  const today = rootEpochOfToday(store);
  return memory.roots.find(({ rootEpochId }) => rootEpochId === today) ?? memory.roots.at(-1);
}

/**
 * What is known here of what the next start may have: of what a quorum opens, and of today. They differ where the key split
 * was changed on one side of a cut network and root key material replaced on the other, or while objects are on their way.
 */
export function rootsOfNextStart(store: Store, memory: CoreMemory): readonly Root[] {
  const split = keySplitAt(store.state, (id) => store.hasObject(id));
  const opened = memory.roots.find(({ rootEpochId }) => rootEpochId === split?.rootEpochId);
  return [...new Set([opened, newestRoot(store, memory)].map((root) => root?.rootEpochId))].flatMap((id) =>
    memory.roots.filter(({ rootEpochId }) => rootEpochId === id),
  );
}

/** The master key of an epoch, under any root key material that is known here. */
export function openEpoch(store: Store, memory: CoreMemory, epoch: string): SecretBytes {
  if (!memory.unlocked) throw new Error('locked: there is no root key material');
  for (const root of memory.roots) {
    const key = openUnder(store, root, epoch);
    if (key !== null) return key;
  }
  throw new OpenKmaError('ROOT_KEY_MATERIAL_REPLACED');
}

function openUnder(store: Store, { rootEpochId, rootKeyMaterial }: Root, epoch: string): SecretBytes | null {
  const wrap = store.state.get('master_wrap', `${epoch}:${rootEpochId}`);
  const object = wrap?.objectId == null ? undefined : store.getObject(wrap.objectId);
  if (object === undefined) return null;
  const name = { epochId: epoch as MasterEpochId, objectId: object.id as ObjectId };
  return openMasterKey(rootKeyMaterial, name, object.bytes);
}

/** Whose epoch this root key material is, by what it opens; null where it opens nothing. */
export function epochOfRoot(store: Store, rootKeyMaterial: SecretBytes): string | null {
  const wraps = store.state.page('master_wrap', '', WRAPS_MAX);
  const found = wraps.find(({ masterEpochId, rootEpochId }) => opens({ masterEpochId, rootEpochId }));
  return found?.rootEpochId ?? null;

  function opens(wrap: {
    readonly masterEpochId: string | null;
    readonly rootEpochId: string | null;
  }): boolean {
    if (wrap.masterEpochId === null || wrap.rootEpochId === null) return false;
    try {
      const root = { rootEpochId: wrap.rootEpochId, rootKeyMaterial };
      const key = openUnder(store, root, wrap.masterEpochId);
      key?.wipe();
      return key !== null;
    } catch {
      return false;
    }
  }
}
