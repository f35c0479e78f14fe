/** Master keys as opened from a store with the root key material alone; for restore and verification, where no core runs. It keeps none. */
import type { MasterEpochId, ObjectId } from '../core/ids.ts';
import { openMasterKey } from '../security/master-key.ts';
import type { SecretBytes } from '../security/secret-bytes.ts';
import type { Store, StoredObject } from '../store/store.ts';

/** Throws where it is missing or does not open. */
export function openedMasterKey(
  store: Store,
  rootKeyMaterial: SecretBytes,
  rootEpochId: string,
  masterEpochId: string,
): SecretBytes {
  const wrap = store.state.get('master_wrap', `${masterEpochId}:${rootEpochId}`);
  const { id, bytes } = objectOf(store, wrap?.objectId ?? null);
  return openMasterKey(
    rootKeyMaterial,
    { epochId: masterEpochId as MasterEpochId, objectId: id as ObjectId },
    bytes,
  );
}

export function objectOf(store: Store, id: ObjectId | null): StoredObject {
  const object = id === null ? undefined : store.getObject(id);
  if (object === undefined) throw new Error(`the backup lacks object ${id}`);
  return object;
}
