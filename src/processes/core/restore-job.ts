/** The files of a backup that a temporary Security Officer sends to an empty KMA, and the restoring from them into a directory aside. It replaces nothing: that is done when this process has ended. */
import { mkdirSync, rmSync } from 'node:fs';
import { type FileHandle, open, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { hashFile } from '../../backup/backup-file.ts';
import { type Restored, restore } from '../../backup/restore.ts';
import { TEXT_FILE_BYTES_MAX } from '../../backup/text-file-size.ts';
import { isRefusal, type Refusal, refuse } from '../../core/refusal.ts';
import type { RestoreFile, RestorePart } from '../../operations/contexts.ts';
import type { Credential, Self } from '../../operations/operation.ts';
import { removeHalfRestored, restoringPathIn } from '../../setup/replaced-data-directory.ts';
import type { DataDirectory } from '../../store/data-directory.ts';
import type { Store } from '../../store/store.ts';

const PARTS: readonly RestorePart[] = ['backup', 'key', 'core-security'];
/** A KMA whose disk is full serves nobody; the decrypted store needs as much again. */
const FREE_BYTES_MIN = 256 * 1024 * 1024;
/** Files that nobody goes on with. */
const KEPT_MS = 24 * 60 * 60_000;

export class RestoreJob {
  readonly #directory: DataDirectory;
  readonly #store: Store;
  readonly #self: Self;
  /** Beside the staging, whose files hold what is destroyed here: these come from elsewhere. */
  readonly #files: string;
  /** One thing at a time: what was hashed stays as it is until it is restored from. */
  #turn: Promise<unknown> = Promise.resolve();
  #timer: NodeJS.Timeout | null = null;
  #running = false;
  #built = false;

  /** Removes what an earlier process left. */
  constructor(directory: DataDirectory, store: Store, self: Self) {
    this.#directory = directory;
    this.#store = store;
    this.#self = self;
    this.#files = join(directory.path, 'restore-files');
    rmSync(this.#files, { recursive: true, force: true });
    removeHalfRestored(directory.path);
  }

  /** Whether another KMA is about to take this one's place: what is changed now would be lost. */
  get built(): boolean {
    return this.#built;
  }

  /** Whatever came after the offset before is gone: the same piece may come again. */
  write(part: RestorePart, offset: number, bytes: Uint8Array): Promise<number | Refusal> {
    return this.#inTurn(async () => {
      const end = offset + bytes.length;
      if (part !== 'backup' && end > TEXT_FILE_BYTES_MAX)
        return refuse('INVALID_PARAMETERS', `bytes: no ${part} file is longer than ${TEXT_FILE_BYTES_MAX}`);
      const { bavail, bsize } = await statfs(this.#directory.path);
      if (bavail * bsize < FREE_BYTES_MIN + bytes.length)
        return refuse('LIMIT_EXCEEDED', 'there is no space for more');
      this.#keepForAWhile();
      mkdirSync(this.#files, { recursive: true, mode: 0o700 });
      const file = await openForWriting(this.#path(part));
      try {
        const { size } = await file.stat();
        if (offset > size) return refuse('INVALID_PARAMETERS', `offset: ${size} bytes are there`);
        for (let at = 0; at < bytes.length; )
          at += (await file.write(bytes, at, bytes.length - at, offset + at)).bytesWritten;
        await file.truncate(end);
        return end;
      } finally {
        await file.close();
      }
    });
  }

  files(): Promise<readonly RestoreFile[] | Refusal> {
    return this.#inTurn(() => this.#present());
  }

  /** With the credentials of the key split in the core security backup, of exactly these files. */
  async run(
    wanted: Readonly<Record<RestorePart, string>>,
    quorum: readonly Credential[],
    by: string,
    progress: (doing: string) => void,
  ): Promise<Restored | Refusal> {
    progress('checking what was sent');
    const restored = await this.#inTurn(async () => {
      const there = new Map((await this.#present()).map(({ part, sha256 }) => [part, sha256]));
      const missing = PARTS.find((part) => there.get(part) !== wanted[part]);
      if (missing !== undefined)
        return refuse('BACKUP_FILE_INVALID', `the ${missing} file was not sent whole, or is another one`);
      this.#running = true;
      try {
        return await this.#restore(quorum, by, progress);
      } finally {
        this.#running = false;
      }
    });
    this.#built = !isRefusal(restored);
    return restored;
  }

  /** What was restored was not recorded, so this KMA stays. */
  async undo(): Promise<void> {
    await rm(restoringPathIn(this.#directory.path), { recursive: true, force: true });
    this.#built = false;
  }

  async #restore(
    quorum: readonly Credential[],
    by: string,
    step: (doing: string) => void,
  ): Promise<Restored | Refusal> {
    const kma = this.#store.state.get('kma', this.#self.kmaId);
    removeHalfRestored(this.#directory.path);
    return restore({
      dataDirectory: restoringPathIn(this.#directory.path),
      coreSecurityBackup: this.#path('core-security'),
      backupFile: this.#path('backup'),
      backupKeyFile: this.#path('key'),
      quorum,
      serviceAddress: kma?.serviceAddress ?? '',
      managementAddress: kma?.managementAddress ?? '',
      by: `${by} through=${this.#self.kmaName}`,
      step,
    });
  }

  async #present(): Promise<readonly RestoreFile[]> {
    const found: RestoreFile[] = [];
    for (const part of PARTS) {
      const path = this.#path(part);
      if ((await stat(path).catch(() => null)) !== null) found.push({ part, ...(await hashFile(path)) });
    }
    return found;
  }

  /** What waits for a restore that runs would wait for minutes. */
  #inTurn<T>(work: () => Promise<T>): Promise<T | Refusal> {
    if (this.#running || this.#built) return Promise.resolve(refuse('RESTORE_IN_PROGRESS'));
    const turn = this.#turn.then(async () => (this.#built ? refuse('RESTORE_IN_PROGRESS') : work()));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  #keepForAWhile(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => rmSync(this.#files, { recursive: true, force: true }), KEPT_MS).unref();
  }

  #path(part: RestorePart): string {
    return join(this.#files, part);
  }
}

function openForWriting(path: string): Promise<FileHandle> {
  return open(path, 'r+').catch(() => open(path, 'wx+', 0o600));
}
