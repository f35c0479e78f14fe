/** Puts a data directory that was restored over the network in the place of the temporary one around it, whose KMA does not run. Killed at any step, the next start ends it; it goes to nothing beside the directory but the temporary unlock key. */
import { existsSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { DataDirectory } from '../store/data-directory.ts';
import { createSynced, syncDirectory } from '../store/synced-file.ts';
import { autonomousUnlockKeyPath } from './autonomous-unlock-files.ts';

/** Where a restore builds: inside, since the core may write nowhere else. */
export function restoringPathIn(dataDirectory: string): string {
  return join(dataDirectory, 'restoring');
}

/** What has this name is finished, and wanted. */
const restoredPathIn = (dataDirectory: string) => join(dataDirectory, 'restored');
/** Being put in place; from here on there is no way back. */
const adoptedPathIn = (dataDirectory: string) => join(dataDirectory, 'adopted');
/** In what is being put in place: what was there before is gone. */
const CLEARED = 'the-place-is-cleared';
/** Other runs know the directory by it, so it is exchanged last. */
const LOCK = 'lock.db';

/** What was built takes the place of the data directory at the next start. */
export function wantRestored(dataDirectory: string): void {
  renameSync(restoringPathIn(dataDirectory), restoredPathIn(dataDirectory));
  syncDirectory(dataDirectory);
}

export function isRestoredWanted(dataDirectory: string): boolean {
  return existsSync(join(restoredPathIn(dataDirectory), 'kma.db'));
}

/** What a restore that came to nothing left. By the holder of the lock only. */
export function removeHalfRestored(dataDirectory: string): void {
  const name = basename(restoringPathIn(dataDirectory));
  for (const found of readdirSync(dataDirectory))
    if (found === name || found.startsWith(`${name}.new-`))
      rmSync(join(dataDirectory, found), { recursive: true, force: true });
}

/** Whether one took its place. To be called before a KMA is started on the directory. */
export function adoptRestored(path: string): boolean {
  const place = resolve(path);
  const adopted = adoptedPathIn(place);
  if (!existsSync(adopted) && !isRestoredWanted(place)) return false;
  const release = DataDirectory.at(place).tryLock();
  if (release === null) return false;
  try {
    if (!existsSync(adopted)) {
      renameSync(restoredPathIn(place), adopted);
      syncDirectory(place);
    }
    if (!existsSync(join(adopted, CLEARED)) && existsSync(join(adopted, LOCK))) clear(place, adopted);
    moveUp(place, adopted);
    return true;
  } finally {
    release();
  }
}

/** The temporary KMA goes, with the key that opens it and no other. */
function clear(place: string, adopted: string): void {
  const kept = new Set([basename(adopted), LOCK]);
  for (const name of readdirSync(place))
    if (!kept.has(name)) rmSync(join(place, name), { recursive: true, force: true });
  rmSync(autonomousUnlockKeyPath(place), { force: true });
  syncDirectory(place);
  createSynced(join(adopted, CLEARED), Buffer.from(''));
  syncDirectory(adopted);
}

function moveUp(place: string, adopted: string): void {
  const last = [LOCK, CLEARED];
  const names = readdirSync(adopted);
  for (const name of names.filter((one) => !last.includes(one)))
    renameSync(join(adopted, name), join(place, name));
  syncDirectory(place);
  if (names.includes(LOCK)) renameSync(join(adopted, LOCK), join(place, LOCK));
  syncDirectory(place);
  rmSync(join(adopted, CLEARED), { force: true });
  rmdirSync(adopted);
  syncDirectory(place);
}
