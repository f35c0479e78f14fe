/** Builds a data directory aside and moves it to its place as the last step, so that a run that is killed leaves nothing in the way. It never replaces what holds something. */
import {
  accessSync,
  constants,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { isRefusal, type Refusal } from '../core/refusal.ts';
import { OpenKmaError } from '../errors.ts';
import { checkedPath, DataDirectory } from '../store/data-directory.ts';
import { syncDirectory } from '../store/synced-file.ts';
import { autonomousUnlockKeyPath } from './autonomous-unlock-files.ts';
import { dataPathIn, lockAside, makeAside, removeAside, removeLeftOvers } from './left-overs.ts';

/** What `fill` makes of the directory is put in place only where it neither refuses nor throws. */
export async function buildDataDirectory<T>(
  path: string,
  fill: (directory: DataDirectory) => Promise<T | Refusal>,
): Promise<T | Refusal> {
  const place = assertFreePlace(path);
  // Where it is there, it need not be one that this process may write beside.
  if (!existsSync(dirname(place))) mkdirSync(dirname(place), { recursive: true, mode: 0o700 });
  removeLeftOvers(place);
  const aside = makeAside(place);
  const remove = () => removeAside(aside, place);
  process.once('exit', remove);
  let release: (() => void) | undefined;
  try {
    release = lockAside(aside);
    const directory = DataDirectory.create(dataPathIn(aside), place);
    const result = await fill(directory);
    if (!isRefusal(result)) moveToPlace(directory.path, place);
    return result;
  } finally {
    remove();
    release?.();
    process.off('exit', remove);
  }
}

/** The path without links of a place that a new data directory can take; throws what is in the way. */
export function assertFreePlace(path: string): string {
  const given = checkedPath(path);
  const exists = existsSync(given);
  const place = exists ? realpathSync(given) : given;
  if (existsSync(join(place, 'kma.db'))) throw new OpenKmaError('DATA_DIRECTORY_INITIALISED', place);
  if (exists && readdirSync(place).length > 0) throw new OpenKmaError('DATA_DIRECTORY_NOT_EMPTY', place);
  const parent = dirname(place);
  if (exists && statSync(place).dev !== statSync(parent).dev) throw unmovable(`${place} is a mount point`);
  if (existsSync(parent) && !isWritable(parent)) throw unmovable(`${parent} cannot be written`);
  return place;
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * The key of autonomous unlocking, which lies beside, goes first, so that a directory in its place is a finished one. The place
 * may be an empty directory, which renaming replaces; a directory that was filled meanwhile stays, and so does a key that is there.
 */
function moveToPlace(built: string, place: string): void {
  syncDirectory(built);
  const key = autonomousUnlockKeyPath(built);
  if (existsSync(key)) moveKey(key, autonomousUnlockKeyPath(place));
  try {
    renameSync(built, place);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOTEMPTY' || code === 'EEXIST') throw new OpenKmaError('DATA_DIRECTORY_NOT_EMPTY', place);
    if (code === 'EBUSY' || code === 'EXDEV') throw unmovable(`${place} is a mount point`);
    throw error;
  }
  syncDirectory(dirname(place));
}

/** A link, unlike renaming, replaces nothing: without its key a KMA does not unlock itself again. */
function moveKey(key: string, place: string): void {
  try {
    linkSync(key, place);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    throw new OpenKmaError('DATA_DIRECTORY_NOT_EMPTY', `${place} is there, the unlock key of another KMA`);
  }
  rmSync(key);
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

function unmovable(detail: string): OpenKmaError {
  return new OpenKmaError('DATA_DIRECTORY_UNMOVABLE', detail);
}
