/** The files of a backup that a temporary Security Officer sends to an empty KMA, and the restoring from them into a directory aside. It replaces nothing: that is done when this process has ended. */
import { type FileHandle, open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hashFile } from '../../backup/backup-file.ts';
import { type Restored, restore } from '../../backup/restore.ts';
import { isRefusal, type Refusal, refuse } from '../../core/refusal.ts';
import type { RestoreFile, RestorePart } from '../../operations/contexts.ts';
import type { Credential, Self } from '../../operations/operation.ts';
import { restoringPathIn } from '../../setup/replaced-data-directory.ts';
import type { DataDirectory } from '../../store/data-directory.ts';
import type { Store } from '../../store/store.ts';

const PARTS: readonly RestorePart[] = ['backup', 'key', 'core-security'];

export class RestoreJob {
  readonly #directory: DataDirectory;
  readonly #store: Store;
  readonly #self: Self;
  #staging: string | null = null;
  #running = false;

  constructor(directory: DataDirectory, store: Store, self: Self) {
    this.#directory = directory;
    this.#store = store;
    this.#self = self;
  }

  /** Whatever came after the offset before is gone: the same piece may come again. */
  async write(part: RestorePart, offset: number, bytes: Uint8Array): Promise<number | Refusal> {
    if (this.#running) return refuse('RESTORE_IN_PROGRESS');
    const path = this.#path(part);
    const file = await openForWriting(path);
    try {
      const { size } = await file.stat();
      if (offset > size) return refuse('INVALID_PARAMETERS', `offset: ${size} bytes are there`);
      await file.write(bytes, 0, bytes.length, offset);
      await file.truncate(offset + bytes.length);
      return offset + bytes.length;
    } finally {
      await file.close();
    }
  }

  async files(): Promise<readonly RestoreFile[]> {
    const found = PARTS.map(async (part) => {
      const path = this.#path(part);
      const there = await stat(path).catch(() => null);
      return there === null ? [] : [{ part, ...(await hashFile(path)) }];
    });
    return (await Promise.all(found)).flat();
  }

  /** With the credentials of the key split in the core security backup. */
  async run(quorum: readonly Credential[], progress: (doing: string) => void): Promise<Restored | Refusal> {
    if (this.#running) return refuse('RESTORE_IN_PROGRESS');
    this.#running = true;
    const { serviceAddress, managementAddress } = this.#addresses();
    const dataDirectory = restoringPathIn(this.#directory.path);
    try {
      await rm(dataDirectory, { recursive: true, force: true });
      const restored = await restore({
        dataDirectory,
        coreSecurityBackup: this.#path('core-security'),
        backupFile: this.#path('backup'),
        backupKeyFile: this.#path('key'),
        quorum,
        serviceAddress,
        managementAddress,
        step: progress,
      });
      // Where it went well the next thing is another KMA in this place.
      if (isRefusal(restored)) this.#running = false;
      return restored;
    } catch (error) {
      this.#running = false;
      throw error;
    }
  }

  #path(part: RestorePart): string {
    this.#staging ??= this.#directory.createStaging('restore');
    return join(this.#staging, part);
  }

  #addresses(): { readonly serviceAddress: string; readonly managementAddress: string } {
    const kma = this.#store.state.get('kma', this.#self.kmaId);
    return { serviceAddress: kma?.serviceAddress ?? '', managementAddress: kma?.managementAddress ?? '' };
  }
}

function openForWriting(path: string): Promise<FileHandle> {
  return open(path, 'r+').catch(() => open(path, 'wx+', 0o600));
}
