/** Space kept aside in a file beside the store, so that on a full disk retrievals can still be recorded, and so be done. It decides nothing. */
import { randomBytes } from 'node:crypto';
import { constants, rmSync, statfsSync, statSync, truncateSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isFull } from './database.ts';

/** Several thousand retrievals: a record and its places in the indexes take about a kilobyte. */
export const RESERVE_BYTES = 8 * 1024 * 1024;
const PIECE_BYTES = 128 * 1024;
/** On disk when the write returns, as fsync is forbidden to the confined core. */
const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_SYNC;

export class SpaceReserve {
  readonly #path: string;
  #making: Promise<boolean> | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  /** Whether it is there, whole, with as much again free beside it; makes it where that stays free, so that making it takes nobody's last space. */
  async keep(): Promise<boolean> {
    if (this.#making !== null) return this.#making;
    const kept = this.#size();
    const { bavail, bsize } = statfsSync(dirname(this.#path));
    if (bavail * bsize + kept < 2 * RESERVE_BYTES) return false;
    if (kept === RESERVE_BYTES) return true;
    rmSync(this.#path, { force: true });
    this.#making = this.#make().finally(() => {
      this.#making = null;
    });
    return this.#making;
  }

  /** Gives a small part to who writes next: all at once would go to whoever filled the disk. False when nothing is left, or not yet made. */
  release(): boolean {
    if (this.#making !== null) return false;
    const left = this.#size() - PIECE_BYTES;
    if (left < 0) return false;
    truncateSync(this.#path, left);
    return true;
  }

  /** For work that may be begun again: on a full disk with a piece more each time, as long as there are any. */
  roomFor<T>(work: () => T): T {
    for (;;) {
      try {
        return work();
      } catch (error) {
        if (!isFull(error) || !this.release()) throw error;
      }
    }
  }

  #size(): number {
    return statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0;
  }

  /** Random bytes: a file system that compresses would keep no space for zeros. */
  async #make(): Promise<boolean> {
    try {
      await using file = await open(this.#path, CREATE, 0o600);
      for (let made = 0; made < RESERVE_BYTES; made += PIECE_BYTES)
        if ((await file.write(randomBytes(PIECE_BYTES))).bytesWritten < PIECE_BYTES)
          throw new Error('no space for all of it');
      return true;
    } catch {
      rmSync(this.#path, { force: true });
      return false;
    }
  }
}
