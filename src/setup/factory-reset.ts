/** Removes everything that a KMA is on this machine, its secrets first; with `zeroise` every file is written over before. Cut short, the next run ends it. It asks nobody. */
import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  lstatSync,
  openSync,
  readdirSync,
  rmdirSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { DataDirectory } from '../store/data-directory.ts';
import { createSynced, syncDirectory } from '../store/synced-file.ts';
import { autonomousUnlockKeyPath, autonomousUnlockState } from './autonomous-unlock-files.ts';
import { joiningPathOf } from './joining-directory.ts';
import { removeLeftOvers } from './left-overs.ts';

/** Inside; from here on there is no way back. */
const BEGUN = 'reset-begun';
/** What other runs know the directory by goes last: it holds sealed objects alone, and the lock nothing. */
const LAST = ['kma.db-wal', 'kma.db-shm', 'kma.db', 'lock.db', BEGUN];
const CHUNK = Buffer.alloc(64 * 1024);

export interface Erased {
  readonly files: number;
  readonly bytes: number;
}

/** Whether one was cut short. */
export function isResetBegun(dataDirectory: string): boolean {
  return existsSync(join(dataDirectory, BEGUN));
}

/** By the holder of the lock. */
export function factoryReset(directory: DataDirectory, zeroise: boolean): Erased {
  const { path } = directory;
  const eraser = new Eraser(zeroise);
  if (!isResetBegun(path)) {
    // Before the marker: afterwards nothing tells whose it is.
    if (autonomousUnlockState(directory) === 'on') eraser.file(autonomousUnlockKeyPath(path));
    createSynced(join(path, BEGUN), Buffer.alloc(0));
    syncDirectory(path);
  }
  eraser.tree(join(path, 'local'));
  for (const name of readdirSync(path)) if (!LAST.includes(name)) eraser.tree(join(path, name));
  eraser.tree(joiningPathOf(path));
  removeLeftOvers(path);
  for (const name of LAST) eraser.tree(join(path, name));
  removeEmpty(path);
  return eraser.erased;
}

class Eraser {
  readonly #zeroise: boolean;
  #files = 0;
  #bytes = 0;

  constructor(zeroise: boolean) {
    this.#zeroise = zeroise;
  }

  get erased(): Erased {
    return { files: this.#files, bytes: this.#bytes };
  }

  /** Links are removed, and what they lead to stays. */
  tree(path: string): void {
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found === undefined) return;
    if (!found.isDirectory()) return found.isFile() ? this.file(path) : rmSync(path);
    for (const name of readdirSync(path)) this.tree(join(path, name));
    rmdirSync(path);
  }

  file(path: string): void {
    const { size } = lstatSync(path);
    if (this.#zeroise) writeOver(path, size);
    rmSync(path);
    this.#files += 1;
    this.#bytes += size;
  }
}

/** In its place; whether the medium keeps the old bytes elsewhere, only the medium knows. */
function writeOver(path: string, size: number): void {
  const descriptor = openSync(path, 'r+');
  try {
    for (let at = 0; at < size; )
      at += writeSync(descriptor, CHUNK, 0, Math.min(CHUNK.length, size - at), at);
    fsyncSync(descriptor);
    ftruncateSync(descriptor, 0);
  } finally {
    closeSync(descriptor);
  }
}

/** A mount point stays. */
function removeEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch (error) {
    if (readdirSync(path).length > 0) throw error;
  }
}
