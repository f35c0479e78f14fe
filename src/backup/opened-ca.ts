/** The root CA's key as opened from a store with the root key material alone; for restore and verification, where no core runs. */
import type { CaKey } from '../security/certificates.ts';
import { openSealedObject } from '../security/sealing.ts';
import type { SecretBytes } from '../security/secret-bytes.ts';
import type { Store } from '../store/store.ts';
import { objectOf, openedMasterKey } from './opened-master-key.ts';

export function openedCaKey(store: Store, rootKeyMaterial: SecretBytes, rootEpochId: string): CaKey {
  const ca = store.state.get('certificate_authority', 'root');
  if (ca?.certificatePem == null) throw new Error('the backup holds no root CA');
  const key = objectOf(store, ca.keyObjectId);
  const masterKey = openedMasterKey(store, rootKeyMaterial, rootEpochId, key.epoch);
  const privateKey = openSealedObject(masterKey, key, key.bytes);
  masterKey.wipe();
  return {
    certificatePem: ca.certificatePem,
    privateKey,
    digest: ca.digest ?? 'SHA-256',
  };
}
