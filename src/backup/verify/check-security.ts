/** Proves with the root key material that a restored KMA could work: every master key opens, and the root CA signs. What it makes for that is dropped. */
import { randomBytes } from 'node:crypto';
import { idFrom, type KmaId } from '../../core/ids.ts';
import { type Refusal, refuse } from '../../core/refusal.ts';
import { issueCertificate } from '../../security/certificates.ts';
import type { SecretBytes } from '../../security/secret-bytes.ts';
import { makeLocalIdentity } from '../../setup/foundation.ts';
import type { Store } from '../../store/store.ts';
import type { OpenedBackup } from '../opened-backup.ts';
import { openedCaKey } from '../opened-ca.ts';
import { openedMasterKey } from '../opened-master-key.ts';

const EPOCHS_MAX = 10_000;

/** By their epochs; whoever has them wipes them. */
export function openMasterKeys(
  store: Store,
  { rootKeyMaterial, keyFile }: OpenedBackup,
): ReadonlyMap<string, SecretBytes> | Refusal {
  const opened = new Map<string, SecretBytes>();
  for (const { id } of store.state.page('master_epoch', '', EPOCHS_MAX))
    try {
      opened.set(id, openedMasterKey(store, rootKeyMaterial, keyFile.rootEpochId, id));
    } catch {
      for (const key of opened.values()) key.wipe();
      return refuse('BACKUP_UNSOUND', `the master key of epoch ${id} does not open`);
    }
  return opened;
}

/** Does what a restore does for the new life of the KMA: an identity, and a certificate of the root CA for it. */
export async function tryRootCa(
  store: Store,
  { rootKeyMaterial, keyFile }: OpenedBackup,
): Promise<Refusal | null> {
  const identity = await makeLocalIdentity(idFrom<KmaId>(randomBytes(16)));
  identity.logSeed.wipe();
  identity.tlsPrivateKeyPem.wipe();
  try {
    const ca = openedCaKey(store, rootKeyMaterial, keyFile.rootEpochId);
    const made = { kind: 'kma', name: keyFile.kmaName, publicKey: identity.tlsPublicKey } as const;
    await issueCertificate({ ...made, ca, nowMs: Date.now(), days: 1 }).finally(() => ca.privateKey.wipe());
    return null;
  } catch {
    return refuse(
      'BACKUP_UNSOUND',
      'the key of the root CA does not open, or is not that of its certificate',
    );
  }
}
