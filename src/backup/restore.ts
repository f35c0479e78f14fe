/** Restores a KMA from files into an empty directory with a quorum (QuickStart mode 3): a new incarnation that issues no old key. Until the last step nothing is there. */
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { caKeySha256 } from '@openkma/protocol';
import { INTERNAL_ID_BYTES, idFrom, type KmaId } from '../core/ids.ts';
import { byName } from '../core/live.ts';
import { isRefusal, type Refusal, refuse } from '../core/refusal.ts';
import { readSetting } from '../core/settings.ts';
import { restoreBackup } from '../operations/incarnations.ts';
import type { Credential } from '../operations/operation.ts';
import { issueCertificate } from '../security/certificates.ts';
import { makeLocalIdentity } from '../setup/foundation.ts';
import { writeIdentity } from '../setup/local-identity.ts';
import { buildDataDirectory } from '../setup/new-data-directory.ts';
import { runAlone } from '../setup/run-alone.ts';
import { selfTestFirst } from '../setup/self-test-first.ts';
import type { DataDirectory } from '../store/data-directory.ts';
import { stateHash } from '../store/state-hash.ts';
import { openStore, type Store } from '../store/store.ts';
import {
  type BackupFiles,
  decryptBackup,
  type OpenedBackup,
  openBackup,
  readBackup,
} from './opened-backup.ts';
import { openedCaKey } from './opened-ca.ts';

export interface RestoreRequest extends BackupFiles {
  readonly dataDirectory: string;
  readonly quorum: readonly Credential[];
  readonly serviceAddress: string;
  readonly managementAddress: string;
  /** Who restores, for the audit of the restored KMA; not known at the appliance. */
  readonly by?: string;
  readonly step: (text: string) => void;
}
export interface Restored {
  readonly kmaName: string;
  readonly backupId: string;
  readonly stateHashOfBackup: string;
  readonly stateHashRestored: string;
  readonly vector: Readonly<Record<string, number>>;
  /** Of the restored cluster. */
  readonly caKeySha256: string;
}

/** One clear refusal for a wrong share, a wrong passphrase, a damaged or a swapped file; then nothing was changed. */
export async function restore(request: RestoreRequest): Promise<Restored | Refusal> {
  if (existsSync(request.dataDirectory) && readdirSync(request.dataDirectory).length > 0)
    return refuse('RESTORE_TARGET_NOT_EMPTY', request.dataDirectory);
  return selfTestFirst(() => restoreBeside(request));
}

/** Into a directory beside the wanted one, which takes its name at the end. */
async function restoreBeside(request: RestoreRequest): Promise<Restored | Refusal> {
  const opened = await openFiles(request);
  if (isRefusal(opened)) return opened;
  try {
    return await buildDataDirectory(request.dataDirectory, (directory) =>
      restoreInto(directory, opened, request),
    );
  } finally {
    opened.rootKeyMaterial.wipe();
    opened.identity.wipe();
  }
}

async function openFiles(request: RestoreRequest): Promise<OpenedBackup | Refusal> {
  request.step('checking the backup file');
  const read = await readBackup(request);
  if (isRefusal(read)) return read;
  request.step('opening the key split with the quorum');
  return openBackup(read, request.quorum);
}

async function restoreInto(
  directory: DataDirectory,
  opened: OpenedBackup,
  request: RestoreRequest,
): Promise<Restored | Refusal> {
  const { keyFile } = opened;
  request.step('decrypting the backup');
  const unreadable = await decryptBackup(opened, directory.databasePath);
  if (unreadable !== null) return unreadable;
  const store = openStore({ path: directory.databasePath, mode: 'write' });
  try {
    request.step('checking the restored state');
    const restoredHash = stateHash(store);
    if (restoredHash !== keyFile.stateHash)
      return refuse('BACKUP_FILE_INVALID', 'the restored state is not the state of the backup');
    const kmaName = await beginIncarnation(store, directory, opened, request);
    store.checkpointTruncate();
    return {
      kmaName,
      backupId: keyFile.backupId,
      stateHashOfBackup: keyFile.stateHash,
      stateHashRestored: restoredHash,
      vector: keyFile.vector,
      caKeySha256: caKeySha256(store.state.get('certificate_authority', 'root')?.certificatePem ?? ''),
    };
  } finally {
    store.close();
  }
}

/** The restored KMA is a new life: own log, own signing key, new TLS key; all earlier lives of this KMA are ended (architecture 5.8). */
async function beginIncarnation(
  store: Store,
  directory: DataDirectory,
  opened: OpenedBackup,
  request: RestoreRequest,
): Promise<string> {
  const { kmaName } = opened.keyFile;
  // One that was removed would stay removed.
  const kma = byName(store.state, 'kma', kmaName);
  const identity = await makeLocalIdentity(
    (kma?.id as KmaId) ?? idFrom<KmaId>(randomBytes(INTERNAL_ID_BYTES)),
  );
  const nowMs = Date.now();
  const ca = openedCaKey(store, opened.rootKeyMaterial, opened.keyFile.rootEpochId);
  const certificate = await issueCertificate({
    ca,
    kind: 'kma',
    name: kmaName,
    publicKey: identity.tlsPublicKey,
    nowMs,
    days: readSetting(store.state, 'entityCertificateDays'),
  }).finally(() => ca.privateKey.wipe());
  const {
    backupId,
    createdAt: madeAt,
    rootEpochId,
    vector,
    heldVector,
    stateHash,
    fileSha256,
    fileBytes,
  } = opened.keyFile;
  const self = { kmaId: identity.kmaId, kmaName, incarnationId: identity.incarnationId };
  const input = {
    logPublicKey: identity.logPublicKey,
    replicationPublicKey: identity.replicationPublicKey,
    baseVector: store.vector(),
    ...{ backupId, madeAt, rootEpochId, vector, heldVector, stateHash, fileSha256, fileBytes },
    keyFileSha256: opened.keyFileSha256,
    certificatePem: certificate.pem,
    serviceAddress: request.serviceAddress,
    managementAddress: request.managementAddress,
    by: request.by ?? '',
  };
  const begun = runAlone(store, self, restoreBackup, input, undefined);
  if (isRefusal(begun)) throw new Error(`no new incarnation: ${begun.detail ?? begun.refused}`);
  writeIdentity(directory, identity, kmaName);
  return kmaName;
}
