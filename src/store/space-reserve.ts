/** Space kept aside in a file beside the store, so that on a full disk retrievals can still be recorded, and so be done. It decides nothing. */
import { randomBytes } from 'node:crypto';
import { constants, rmSync, statfsSync, statSync, truncateSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Several thousand retrievals: a record and its places in the indexes take about a kilobyte. */
export const RESERVE_BYTES = 8 * 1024 * 1024;
const PIECE_BYTES = 128 * 1024;
/** On disk when the write returns, as fsync is forbidden to the confined core. */
const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_SYNC;

export class SpaceReserve {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** Whether it is there, whole; makes it where as much again stays free, so that making it takes nobody's last space. */
  async keep(): Promise<boolean> {
    const kept = this.#size();
    if (kept === RESERVE_BYTES) return true;
    const { bavail, bsize } = statfsSync(dirname(this.#path));
    if (bavail * bsize + kept < 2 * RESERVE_BYTES) return false;
    rmSync(this.#path, { force: true });
    return this.#make();
  }

  /** Gives a small part to who writes next: all at once would go to whoever filled the disk. False when nothing is left. */
  release(): boolean {
    const left = this.#size() - PIECE_BYTES;
    if (left < 0) return false;
    truncateSync(this.#path, left);
    return true;
  }

  #size(): number {
    return statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0;
  }

  /** Random bytes: a file system that compresses would keep no space for zeros. */
  async #make(): Promise<boolean> {
    try {
      await using file = await open(this.#path, CREATE, 0o600);
      for (let made = 0; made < RESERVE_BYTES; made += PIECE_BYTES)
        await file.write(randomBytes(PIECE_BYTES));
      return true;
    } catch {
      rmSync(this.#path, { force: true });
      return false;
    }
  }
}
