/** The root CA's key as opened from a store with the root key material alone; for restore, where no core runs. */
import type { MasterEpochId, ObjectId } from '../core/ids.ts';
import type { CaKey } from '../security/certificates.ts';
import { openMasterKey } from '../security/master-key.ts';
import { openSealedObject } from '../security/sealing.ts';
import type { SecretBytes } from '../security/secret-bytes.ts';
import type { Store, StoredObject } from '../store/store.ts';

export function openedCaKey(store: Store, rootKeyMaterial: SecretBytes, rootEpochId: string): CaKey {
  const ca = store.state.get('certificate_authority', 'root');
  if (ca?.certificatePem == null) throw new Error('the backup holds no root CA');
  const key = objectOf(store, ca.keyObjectId);
  const wrap = store.state.get('master_wrap', `${key.epoch}:${rootEpochId}`);
  const master = objectOf(store, wrap?.objectId ?? null);
  const masterKey = openMasterKey(
    rootKeyMaterial,
    { epochId: key.epoch as MasterEpochId, objectId: master.id as ObjectId },
    master.bytes,
  );
  const privateKey = openSealedObject(masterKey, key, key.bytes);
  masterKey.wipe();
  return {
    certificatePem: ca.certificatePem,
    privateKey,
    digest: ca.digest ?? 'SHA-256',
  };
}

function objectOf(store: Store, id: ObjectId | null): StoredObject {
  const object = id === null ? undefined : store.getObject(id);
  if (object === undefined) throw new Error(`the backup lacks object ${id}`);
  return object;
}
