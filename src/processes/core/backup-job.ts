/** Makes the pair of files of a database backup in the staging directory: the reader copies and encrypts, the core seals the key. One at a time. */
import { randomBytes } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { hashFile, makeBackupKey } from '../../backup/backup-file.ts';
import { writeBackupKeyFile } from '../../backup/backup-key-file.ts';
import { type BackupId, idFrom } from '../../core/ids.ts';
import { isRefusal, type Refusal, refuse } from '../../core/refusal.ts';
import type { BackupPart, BackupPiece, MadeBackup } from '../../operations/contexts.ts';
import type { Self } from '../../operations/operation.ts';
import { SecretBytes } from '../../security/secret-bytes.ts';
import type { DataDirectory } from '../../store/data-directory.ts';
import type { Store } from '../../store/store.ts';
import { createSynced } from '../../store/synced-file.ts';
import { logFailure } from './failure.ts';
import type { CoreMemory } from './memory.ts';
import type { ReaderLink } from './reader-link.ts';
import { rootEpochOfToday } from './root-tools.ts';

type Progress = (done: number, total: number, text: string) => void;

/** Files that nobody fetches go, since a staged copy holds what has been destroyed since: after so long without a reader, and in the end with one. */
const UNREAD_MS = 60 * 60_000;
const STAGED_MS = 24 * 60 * 60_000;
/** Copies of the whole database. */
const STAGED_MAX = 2;
/** As much as one answer carries. */
const PIECE_BYTES = 256 * 1024;

/** A backup that was made and not yet fetched. */
interface Staged {
  readonly made: MadeBackup;
  /** Made by nobody but the schedule. */
  readonly scheduled: boolean;
  readonly untilMs: number;
  timer: NodeJS.Timeout;
}

/** Not in the thread of the calls: the kernel takes a millisecond for each megabyte that it frees. What stays is removed at the next start. */
const removed = (staging: string): Promise<void> =>
  rm(staging, { recursive: true, force: true }).catch((error: unknown) =>
    logFailure(error, 'removing a staged backup'),
  );

export class BackupJob {
  readonly #directory: DataDirectory;
  readonly #reader: ReaderLink;
  readonly #now: () => number;
  readonly #staged = new Map<string, Staged>();
  #running = false;

  constructor(directory: DataDirectory, reader: ReaderLink, now: () => number) {
    this.#now = now;
    this.#directory = directory;
    this.#reader = reader;
  }

  async make(
    store: Store,
    memory: CoreMemory,
    self: Self,
    progress: Progress,
    scheduled: boolean,
  ): Promise<MadeBackup | Refusal> {
    if (this.#running) return refuse('BACKUP_IN_PROGRESS');
    this.#running = true;
    const staging = this.#directory.createStaging('backup');
    try {
      const made = await this.#makeIn(staging, store, memory, self, progress);
      if (isRefusal(made)) await removed(staging);
      else await this.#keepForAWhile(made, scheduled);
      return made;
    } catch (error) {
      await removed(staging);
      throw error;
    } finally {
      this.#running = false;
    }
  }

  async #keepForAWhile(made: MadeBackup, scheduled: boolean): Promise<void> {
    const [oldest] = this.#staged.keys();
    if (oldest !== undefined && this.#staged.size >= STAGED_MAX) await this.discard(oldest);
    const untilMs = performance.now() + STAGED_MS;
    const timer = this.#discardIn(UNREAD_MS, made.backupId);
    this.#staged.set(made.backupId, { made, scheduled, untilMs, timer });
  }

  get running(): boolean {
    return this.#running;
  }

  isScheduled(backupId: string): boolean {
    return this.#staged.get(backupId)?.scheduled === true;
  }

  #discardIn(ms: number, backupId: string): NodeJS.Timeout {
    return setTimeout(() => void this.discard(backupId), ms).unref();
  }

  /** Put off by everybody who reads, but not for ever. */
  #read(staged: Staged): void {
    clearTimeout(staged.timer);
    const leftMs = Math.max(0, staged.untilMs - performance.now());
    staged.timer = this.#discardIn(Math.min(UNREAD_MS, leftMs), staged.made.backupId);
  }

  /** Bytes of a file that waits to be fetched, as many as one answer carries; none at its end. */
  async piece(backupId: string, part: BackupPart, offset: number): Promise<BackupPiece | Refusal> {
    const staged = this.#staged.get(backupId);
    if (staged === undefined) return refuse('BACKUP_NOT_STAGED', backupId);
    this.#read(staged);
    const { directory, fileName, keyFileName, fileSha256, keyFileSha256 } = staged.made;
    const file = await open(join(directory, part === 'key' ? keyFileName : fileName)).catch(() => null);
    // It was fetched and confirmed at this moment.
    if (file === null) return refuse('BACKUP_NOT_STAGED', backupId);
    try {
      const { size } = await file.stat();
      if (offset > size) return refuse('INVALID_PARAMETERS', `offset: the file has ${size} bytes`);
      const bytes = Buffer.alloc(Math.min(PIECE_BYTES, size - offset));
      const { bytesRead } = await file.read(bytes, 0, bytes.length, offset);
      if (bytesRead !== bytes.length)
        throw new Error(`${bytesRead} bytes of a staged backup, not ${bytes.length}`);
      return { bytes, totalBytes: size, sha256: part === 'key' ? keyFileSha256 : fileSha256 };
    } finally {
      await file.close();
    }
  }

  /** After the files were fetched, or when the backup was not recorded. */
  async discard(backupId: string): Promise<void> {
    const staged = this.#staged.get(backupId);
    this.#staged.delete(backupId);
    if (staged === undefined) return;
    clearTimeout(staged.timer);
    await removed(staged.made.directory);
  }

  async #makeIn(
    staging: string,
    store: Store,
    memory: CoreMemory,
    self: Self,
    progress: Progress,
  ): Promise<MadeBackup | Refusal> {
    progress(0, 0, 'copying the database');
    const backupId = idFrom<BackupId>(randomBytes(16));
    const createdAt = new Date(this.#now());
    const timestamp = createdAt.toISOString().replace(/[-:]/g, '').slice(0, 15);
    const fileName = `OKM-Backup-${backupId}-${timestamp}.dat`;
    const keyFileName = `OKM-BackupKey-${backupId}-${timestamp}.json`;
    const { identity, recipient } = await makeBackupKey();
    const rootEpochId = rootEpochOfToday(store) ?? '';
    const root = memory.root(rootEpochId);
    if (root === undefined) return refuse('ROOT_KEY_MATERIAL_REPLACED');
    const snapshot = await this.#reader.snapshot(staging, fileName, recipient, (done, total) =>
      progress(done, total, 'encrypting the snapshot'),
    );
    if (isRefusal(snapshot)) return snapshot;
    const { vector, heldVector, stateHash, fileSha256, fileBytes } = snapshot;
    // Of the snapshot the one or the other may open all master keys.
    if (rootEpochOfToday(store) !== rootEpochId)
      return refuse('SERVER_BUSY', 'the root key material was replaced meanwhile');
    const secret = SecretBytes.fromText(identity);
    const text = writeBackupKeyFile(root, secret, {
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
