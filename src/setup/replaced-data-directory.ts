/** Puts a data directory that was restored over the network in the place of the temporary one, whose KMA does not run. Killed at any step, the next start ends it; it touches nothing without a finished one. */
import { existsSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DataDirectory } from '../store/data-directory.ts';
import { createSynced, syncDirectory } from '../store/synced-file.ts';
import { autonomousUnlockKeyPath } from './autonomous-unlock-files.ts';

/** In a directory that is being replaced, so that nothing else of its name is ever removed. */
const MARKER = 'replaced-by-a-restored-one';
const MARK = 'This directory was replaced by one that was restored from a backup, and is being removed.\n';

/** Where a restore builds: inside, since the core may write nowhere else. */
export function restoringPathIn(dataDirectory: string): string {
  return join(dataDirectory, 'restoring');
}

/** What has this name is finished, and wanted. */
function restoredPathIn(dataDirectory: string): string {
  return join(dataDirectory, 'restored');
}

/** What was built takes the place of the data directory at the next start. */
export function wantRestored(dataDirectory: string): void {
  renameSync(restoringPathIn(dataDirectory), restoredPathIn(dataDirectory));
  syncDirectory(dataDirectory);
}

/** Whether one took its place. To be called before a KMA is started on the directory. */
export function adoptRestored(path: string): boolean {
  const place = existsSync(path) ? realpathSync(path) : resolve(path);
  const waiting = `${place}.restored`;
  const replaced = `${place}.replaced`;
  if (!existsSync(waiting) && !takeOut(place, waiting)) {
    removeReplaced(replaced);
    return false;
  }
  if (existsSync(place)) {
    removeReplaced(replaced);
    renameSync(place, replaced);
    syncDirectory(dirname(place));
  }
  // It opens the directory that was replaced, and no other.
  rmSync(autonomousUnlockKeyPath(place), { force: true });
  renameSync(waiting, place);
  syncDirectory(dirname(place));
  removeReplaced(replaced);
  return true;
}

/** False where nothing was restored, or the KMA runs. */
function takeOut(place: string, waiting: string): boolean {
  const inside = restoredPathIn(place);
  if (!existsSync(join(inside, 'kma.db'))) return false;
  const release = DataDirectory.at(place).tryLock();
  if (release === null) return false;
  try {
    const marker = join(place, MARKER);
    rmSync(marker, { force: true });
    createSynced(marker, Buffer.from(MARK));
    syncDirectory(place);
    renameSync(inside, waiting);
    syncDirectory(dirname(place));
    return true;
  } finally {
    release();
  }
}

/** The marker goes last, so that a removal that is cut short is finished by the next start. */
function removeReplaced(replaced: string): void {
  if (!existsSync(join(replaced, MARKER))) return;
  DataDirectory.removeAllBut(replaced, MARKER);
  rmSync(replaced, { recursive: true, force: true });
}
