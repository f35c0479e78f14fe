/** What a killed run left beside the place of a data directory: recognised by name and a free lock, then removed. It touches nothing of a run that lives or has finished. */
import { lstatSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { DataDirectory } from '../store/data-directory.ts';
import { autonomousUnlockKeyPath, fitsUnlockKey } from './autonomous-unlock-files.ts';

const ENDING = /^(\.new-[0-9a-f]{8})(\.unlock-key~?)?$/;

export function asidePath(place: string, random: Buffer): string {
  return `${place}.new-${random.toString('hex')}`;
}

export function removeLeftOvers(place: string): void {
  const name = basename(place);
  const endings = readdirSync(dirname(place))
    .filter((sibling) => sibling.startsWith(name))
    .map((sibling) => ENDING.exec(sibling.slice(name.length))?.[1]);
  for (const ending of new Set(endings))
    if (ending !== undefined) removeUnlessAlive(`${place}${ending}`, place);
}

/**
 * Whoever builds holds the lock of the directory aside for as long as the process lives. One that has just made it and not yet
 * locked it is taken for dead, and fails: of two runs for one place one has to.
 */
function removeUnlessAlive(aside: string, place: string): void {
  const found = lstatSync(aside, { throwIfNoEntry: false });
  if (found !== undefined && (!found.isDirectory() || found.uid !== process.getuid?.())) return;
  const release = found === undefined ? undefined : DataDirectory.at(aside).tryLock();
  if (release === null) return;
  removeAside(aside, place);
  release?.();
}

/** With its unlock key, which may have been moved already: then it is the one that opens what the directory holds. */
export function removeAside(aside: string, place: string): void {
  const placedKey = autonomousUnlockKeyPath(place);
  if (fitsUnlockKey(DataDirectory.at(aside), placedKey)) rmSync(placedKey);
  const key = autonomousUnlockKeyPath(aside);
  for (const path of [key, `${key}~`, aside]) rmSync(path, { recursive: true, force: true });
}
