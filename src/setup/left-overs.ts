/** The directory aside, in which a data directory is built and of which a killed run leaves some: known by its name, its marker and a free lock, then removed. It touches nothing of a run that lives or has finished, and nothing without the marker. */
import { randomBytes } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DataDirectory } from '../store/data-directory.ts';
import { createSynced, syncDirectory } from '../store/synced-file.ts';
import { autonomousUnlockKeyPath, fitsUnlockKey } from './autonomous-unlock-files.ts';

const ENDING = /^\.new-[0-9a-f]{32}$/;
export const MARKER = 'openkma-unfinished';
const MARK =
  'A data directory is built in here, and leaves when it is finished. The next run for the same place removes the rest.\n';

/** The marker comes first, and lies around the data directory: what is moved out of here never counts as left over. */
export function makeAside(place: string): string {
  const aside = `${place}.new-${randomBytes(16).toString('hex')}`;
  mkdirSync(aside, { mode: 0o700 });
  createSynced(join(aside, MARKER), Buffer.from(MARK));
  syncDirectory(aside);
  return aside;
}

/** The data directory that is being built; its unlock key lies beside it, so aside too. */
export function dataPathIn(aside: string): string {
  return join(aside, 'data');
}

/** Whoever builds holds it for as long as the process lives. */
export function lockAside(aside: string): () => void {
  return DataDirectory.at(aside).lock();
}

export function removeLeftOvers(place: string): void {
  const name = basename(place);
  for (const sibling of readdirSync(dirname(place)))
    if (sibling.startsWith(name) && ENDING.test(sibling.slice(name.length)))
      removeUnlessAlive(join(dirname(place), sibling), place);
}

/** One that has just been made and not yet locked is taken for dead, and its run fails: of two runs for one place one has to. */
function removeUnlessAlive(aside: string, place: string): void {
  const found = lstatSync(aside, { throwIfNoEntry: false });
  if (!found?.isDirectory() || found.uid !== process.getuid?.()) return;
  if (!isMarked(aside)) {
    removeBarren(aside);
    return;
  }
  // Asking for the lock makes its file, so the marker is looked for before.
  const release = DataDirectory.at(aside).tryLock();
  if (release === null) return;
  removeAside(aside, place);
  release();
}

function isMarked(aside: string): boolean {
  const marker = join(aside, MARKER);
  const found = lstatSync(marker, { throwIfNoEntry: false });
  return found?.isFile() === true && found.size === MARK.length && readFileSync(marker, 'utf8') === MARK;
}

/** Of a run that was killed before its marker was whole: then nothing else is inside. */
function removeBarren(aside: string): void {
  if (readdirSync(aside).some((name) => name !== MARKER)) return;
  const marker = lstatSync(join(aside, MARKER), { throwIfNoEntry: false });
  if (marker !== undefined && !(marker.isFile() && marker.size === 0)) return;
  rmSync(join(aside, MARKER), { force: true });
  rmdirSync(aside);
}

/**
 * With its unlock key, which may have been placed already: then it is the one that opens the data directory in here, and a finished
 * one has left. The marker goes last, so that a removal that is cut short is finished by the next run.
 */
export function removeAside(aside: string, place: string): void {
  if (!existsSync(aside)) return;
  const placedKey = autonomousUnlockKeyPath(place);
  if (fitsUnlockKey(DataDirectory.at(dataPathIn(aside)), placedKey)) rmSync(placedKey);
  for (const name of readdirSync(aside))
    if (name !== MARKER) rmSync(join(aside, name), { recursive: true, force: true });
  rmSync(aside, { recursive: true, force: true });
}
