/** Makes the pair of files of a database backup in the staging directory: the reader copies and encrypts, the core seals the key. One at a time. */
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { hashFile, makeBackupKey } from '../../backup/backup-file.ts';
import { writeBackupKeyFile } from '../../backup/backup-key-file.ts';
import { type BackupId, idFrom } from '../../core/ids.ts';
import { isRefusal, type Refusal, refuse } from '../../core/refusal.ts';
import { readSetting } from '../../core/settings.ts';
import type { MadeBackup } from '../../operations/contexts.ts';
import type { Self } from '../../operations/operation.ts';
import { SecretBytes } from '../../security/secret-bytes.ts';
import type { DataDirectory } from '../../store/data-directory.ts';
import type { Store } from '../../store/store.ts';
import { createSynced } from '../../store/synced-file.ts';
import { logFailure } from './failure.ts';
import type { CoreMemory } from './memory.ts';
import type { ReaderLink } from './reader-link.ts';

type Progress = (done: number, total: number, text: string) => void;

/** Time to fetch a backup that was made. */
const STAGED_MS = 60 * 60_000;

/** Not in the thread of the calls: the kernel takes a millisecond for each megabyte that it frees. What stays is removed at the next start. */
const removed = (staging: string): Promise<void> =>
  rm(staging, { recursive: true, force: true }).catch((error: unknown) =>
    logFailure(error, 'removing a staged backup'),
  );

export class BackupJob {
  readonly #directory: DataDirectory;
  readonly #reader: ReaderLink;
  /** Staging directories of backups that were made and not yet fetched. */
  readonly #staged = new Map<string, string>();
  #running = false;

  constructor(directory: DataDirectory, reader: ReaderLink) {
    this.#directory = directory;
    this.#reader = reader;
  }

  async make(
    store: Store,
    memory: CoreMemory,
    self: Self,
    progress: Progress,
  ): Promise<MadeBackup | Refusal> {
    if (this.#running) return refuse('BACKUP_IN_PROGRESS');
    this.#running = true;
    const staging = this.#directory.createStaging('backup');
    try {
      const made = await this.#makeIn(staging, store, memory, self, progress);
      if (isRefusal(made)) await removed(staging);
      else this.#keepForAWhile(made.backupId, staging);
      return made;
    } catch (error) {
      await removed(staging);
      throw error;
    } finally {
      this.#running = false;
    }
  }

  /** Files that nobody fetches go: a staged copy holds what has been destroyed since. */
  #keepForAWhile(backupId: string, staging: string): void {
    this.#staged.set(backupId, staging);
    setTimeout(() => void this.discard(backupId), STAGED_MS).unref();
  }

  /** After the files were fetched, or when the backup was not recorded. */
  async discard(backupId: string): Promise<void> {
    const staging = this.#staged.get(backupId);
    this.#staged.delete(backupId);
    if (staging !== undefined) await removed(staging);
  }

  async #makeIn(
    staging: string,
    store: Store,
    memory: CoreMemory,
    self: Self,
    progress: Progress,
  ): Promise<MadeBackup | Refusal> {
    const backupId = idFrom<BackupId>(randomBytes(16));
    const createdAt = new Date();
    const timestamp = createdAt.toISOString().replace(/[-:]/g, '').slice(0, 15);
    const fileName = `OKM-Backup-${backupId}-${timestamp}.dat`;
    const keyFileName = `OKM-BackupKey-${backupId}-${timestamp}.json`;
    const { identity, recipient } = await makeBackupKey();
    const snapshot = await this.#reader.snapshot(staging, fileName, recipient, (done, total) =>
      progress(done, total, 'encrypting the snapshot'),
    );
    if (isRefusal(snapshot)) return snapshot;
    const { vector, heldVector, stateHash, fileSha256, fileBytes } = snapshot;
    const rootEpochId = readSetting(store.state, 'currentRootEpochId') ?? '';
    const secret = SecretBytes.fromText(identity);
    const text = writeBackupKeyFile(memory.rootKeyMaterial, secret, {
      backupId,
      kmaName: self.kmaName,
      createdAt: createdAt.toISOString(),
      rootEpochId,
      vector,
      heldVector,
      stateHash,
      fileSha256,
      fileBytes,
    });
    secret.wipe();
    const keyFile = join(staging, keyFileName);
    createSynced(keyFile, Buffer.from(text));
    return {
      backupId,
      createdAtMs: createdAt.getTime(),
      rootEpochId,
      vector,
      heldVector,
      stateHash,
      fileSha256,
      fileBytes,
      keyFileSha256: (await hashFile(keyFile)).sha256,
      directory: staging,
      fileName,
      keyFileName,
    };
  }
}
