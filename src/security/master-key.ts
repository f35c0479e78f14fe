/** The master key of an epoch, sealed under the root key material (D5); replacing the root re-wraps only these few. It keeps no key. */
import { deriveKey, openSealedObject, type SealedMeta, sealObject } from './sealing.ts';
import type { SecretBytes } from './secret-bytes.ts';

const ROOT_LABEL = 'openkma master key';
export const MASTER_KEY_BYTES = 32;

/** Which master key: a wrap of one epoch does not open as another's. */
export interface MasterKeyName {
  readonly epochId: string;
  readonly objectId: string;
}

export function sealMasterKey(
  rootKeyMaterial: SecretBytes,
  name: MasterKeyName,
  masterKey: SecretBytes,
): Uint8Array {
  if (masterKey.length !== MASTER_KEY_BYTES) throw new Error('a master key has 32 bytes');
  const wrappingKey = deriveKey(rootKeyMaterial, ROOT_LABEL);
  const sealed = sealObject(wrappingKey, metaOf(name), masterKey);
  wrappingKey.wipe();
  return sealed;
}

/** Throws SealError where root key material, name and bytes do not belong together. */
export function openMasterKey(
  rootKeyMaterial: SecretBytes,
  name: MasterKeyName,
  sealed: Uint8Array,
): SecretBytes {
  const wrappingKey = deriveKey(rootKeyMaterial, ROOT_LABEL);
  try {
    return openSealedObject(wrappingKey, metaOf(name), sealed);
  } finally {
    wrappingKey.wipe();
  }
}

/** The root epoch needs no mention: each epoch's root key material is another key. */
function metaOf({ epochId, objectId }: MasterKeyName): SealedMeta {
  return { id: objectId, kind: 'master-key', owner: epochId, epoch: epochId };
}
