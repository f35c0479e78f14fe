/** Restores a KMA from files into an empty directory with a quorum (QuickStart mode 3): a new incarnation that issues no old key. Until the last step nothing is there. */
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { created, event, type Fact, set } from '../core/facts.ts';
import { idFrom, type KmaId, type RootEpochId } from '../core/ids.ts';
import { isRefusal, type Refusal, refuse } from '../core/refusal.ts';
import type { Credential } from '../operations/operation.ts';
import { issueCertificate } from '../security/certificates.ts';
import { openKeySplit } from '../security/key-split.ts';
import type { SecretBytes } from '../security/secret-bytes.ts';
import { commitAlone } from '../setup/commit-alone.ts';
import { type LocalIdentity, makeLocalIdentity } from '../setup/foundation.ts';
import { writeIdentity } from '../setup/local-identity.ts';
import { DataDirectory } from '../store/data-directory.ts';
import { stateHash } from '../store/state-hash.ts';
import { openStore, type Store } from '../store/store.ts';
import { decryptFile, hashFile } from './backup-file.ts';
import { type BackupKeyFile, openBackupIdentity, readBackupKeyFile } from './backup-key-file.ts';
import { readCoreSecurityFile } from './core-security-file.ts';
import { openedCaKey } from './opened-ca.ts';

export interface RestoreRequest {
  readonly dataDirectory: string;
  readonly coreSecurityBackup: string;
  readonly backupFile: string;
  readonly backupKeyFile: string;
  readonly quorum: readonly Credential[];
  readonly serviceAddress: string;
  readonly managementAddress: string;
  readonly step: (text: string) => void;
}
export interface Restored {
  readonly kmaName: string;
  readonly backupId: string;
  readonly stateHashOfBackup: string;
  readonly stateHashRestored: string;
  readonly vector: Readonly<Record<string, number>>;
}

/** One clear refusal for a wrong share, a wrong passphrase, a damaged or a swapped file; then nothing was changed. */
export async function restore(request: RestoreRequest): Promise<Restored | Refusal> {
  if (existsSync(request.dataDirectory) && readdirSync(request.dataDirectory).length > 0)
    return refuse('RESTORE_TARGET_NOT_EMPTY', request.dataDirectory);
  const opened = await openFiles(request);
  if (isRefusal(opened)) return opened;
  const partial = `${request.dataDirectory}.restoring-${randomBytes(4).toString('hex')}`;
  try {
    const restored = await restoreInto(partial, opened, request);
    if (!isRefusal(restored)) {
      if (existsSync(request.dataDirectory)) rmSync(request.dataDirectory, { recursive: true });
      renameSync(partial, request.dataDirectory);
    }
    return restored;
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

interface OpenedFiles {
  readonly keyFile: BackupKeyFile;
  readonly rootKeyMaterial: SecretBytes;
  readonly identity: SecretBytes;
}

async function openFiles(request: RestoreRequest): Promise<OpenedFiles | Refusal> {
  const core = readCoreSecurityFile(readText(request.coreSecurityBackup));
  if (isRefusal(core)) return core;
  const keyFile = readBackupKeyFile(readText(request.backupKeyFile));
  if (isRefusal(keyFile)) return keyFile;
  request.step('checking the backup file');
  const file = await hashFile(request.backupFile);
  if (file.sha256 !== keyFile.fileSha256 || file.bytes !== keyFile.fileBytes)
    return refuse('BACKUP_FILE_INVALID', 'the backup file is damaged, or belongs to another backup key file');
  request.step('opening the key split with the quorum');
  const root = await openKeySplit(Buffer.from(core.keySplit, 'base64'), request.quorum);
  if (isRefusal(root)) return root;
  try {
    return { keyFile, rootKeyMaterial: root, identity: openBackupIdentity(root, keyFile) };
  } catch {
    return refuse(
      'BACKUP_FILE_INVALID',
      'the core security backup and the backup key file belong to different clusters',
    );
  }
}

async function restoreInto(
  path: string,
  opened: OpenedFiles,
  request: RestoreRequest,
): Promise<Restored | Refusal> {
  const { keyFile } = opened;
  const directory = DataDirectory.create(path);
  request.step('decrypting the backup');
  try {
    await decryptFile(request.backupFile, directory.databasePath, opened.identity.reveal().toString('utf8'));
  } catch {
    return refuse('BACKUP_FILE_INVALID', 'the backup file does not decrypt');
  }
  const store = openStore({ path: directory.databasePath, mode: 'write' });
  try {
    request.step('checking the restored state');
    const restoredHash = stateHash(store);
    if (restoredHash !== keyFile.stateHash)
      return refuse('BACKUP_FILE_INVALID', 'the restored state is not the state of the backup');
    const kmaName = await beginIncarnation(store, directory, opened, request);
    return {
      kmaName,
      backupId: keyFile.backupId,
      stateHashOfBackup: keyFile.stateHash,
      stateHashRestored: restoredHash,
      vector: keyFile.vector,
    };
  } finally {
    store.checkpointTruncate();
    store.close();
  }
}

/** The restored KMA is a new life: own log, own signing key, new TLS key; all earlier lives of this KMA are ended (architecture 5.8). */
async function beginIncarnation(
  store: Store,
  directory: DataDirectory,
  opened: OpenedFiles,
  request: RestoreRequest,
): Promise<string> {
  const kma = store.state.page('kma', '', 100).find((row) => row.name === opened.keyFile.kmaName);
  if (kma === undefined) throw new Error('the backup has no row of the KMA that made it');
  const identity = await makeLocalIdentity(kma.id as KmaId);
  const nowMs = Date.now();
  const ca = openedCaKey(store, opened.rootKeyMaterial, opened.keyFile.rootEpochId);
  const certificate = await issueCertificate({
    ca,
    kind: 'kma',
    name: kma.name ?? '',
    publicKey: identity.tlsPublicKey,
    nowMs,
  });
  const facts = [
    ...incarnationFacts(store, identity, nowMs),
    ...sourceFacts(opened.keyFile, nowMs),
    set('kma', kma.id, {
      certificatePem: certificate.pem,
      serviceAddress: request.serviceAddress,
      managementAddress: request.managementAddress,
    }),
  ];
  const self = { kmaId: identity.kmaId, kmaName: kma.name ?? '', incarnationId: identity.incarnationId };
  const audit = {
    severity: 'warning' as const,
    condition: 'Restored',
    message: `backup=${opened.keyFile.backupId} made=${opened.keyFile.createdAt}`,
  };
  commitAlone(store, self, RESTORE, { facts, output: null, audit }, nowMs);
  writeIdentity(directory, identity, kma.name ?? '');
  return kma.name ?? '';
}

function incarnationFacts(store: Store, identity: LocalIdentity, nowMs: number): Fact[] {
  const ended = store.state.scan('incarnation', 'kma', { equals: [identity.kmaId], limit: 1000 });
  return [
    ...ended
      .filter((row) => row.endedAt === null)
      .map((row) => event('incarnation', row.id, 'ended', { endedAt: nowMs })),
    created('incarnation', identity.incarnationId, {
      kmaId: identity.kmaId,
      logPublicKey: identity.logPublicKey,
      createdAt: nowMs,
      reason: 'restore',
      clusterEpochId: idFrom(randomBytes(16)),
      baseVectorJson: JSON.stringify(store.vector()),
    }),
  ];
}

/** The snapshot holds its own backup's beginning but not its end; without these facts the files would not count as holding keys. */
function sourceFacts(file: BackupKeyFile, nowMs: number): Fact[] {
  return [
    event('backup', file.backupId, 'completed', {
      rootEpochId: file.rootEpochId as RootEpochId,
      vectorJson: JSON.stringify(file.vector),
      heldVectorJson: JSON.stringify(file.heldVector),
      stateHash: file.stateHash,
      completedAt: Date.parse(file.createdAt),
      fileBytes: file.fileBytes,
      fileSha256: file.fileSha256,
      keyFileSha256: '',
    }),
    event('backup', file.backupId, 'downloaded', { downloadedAt: nowMs }),
  ];
}

/** QuickStart mode 3; in the catalogue it is an operation of the appliance itself. */
const RESTORE = { name: 'RestoreBackup', audit: { class: 'Backup', retention: 'long' } } as const;

const TEXT_FILE_BYTES_MAX = 2 * 1024 * 1024;

function readText(path: string): string {
  return statSync(path).size > TEXT_FILE_BYTES_MAX ? '' : readFileSync(path, 'utf8');
}
