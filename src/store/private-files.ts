/** Judges whether a directory and all in it belong to us alone; it changes nothing, because loose files may have been read already. */
import { lstatSync, readdirSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { OpenKmaError } from '../errors.ts';

const OTHERS = 0o077;

/** Refuses with the command that mends it. */
export function assertPrivate(directory: string): void {
  for (const path of [directory, ...pathsBelow(directory)]) {
    const stats = statsOf(path);
    if (stats === undefined) continue;
    if (stats.isSymbolicLink())
      throw new OpenKmaError(
        'DATA_DIRECTORY_LOOSE',
        `${path} is a symbolic link: replace it by what it points to`,
      );
    if (stats.uid !== process.getuid?.())
      throw new OpenKmaError(
        'DATA_DIRECTORY_LOOSE',
        `${path} belongs to another user: chown -R ${process.getuid?.()} ${shellQuoted(directory)}`,
      );
    if ((stats.mode & OTHERS) !== 0)
      throw new OpenKmaError('DATA_DIRECTORY_LOOSE', `${path}: chmod -R go-rwx ${shellQuoted(directory)}`);
  }
}

function* pathsBelow(directory: string): Generator<string> {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    yield path;
    if (entry.isDirectory()) yield* pathsBelow(path);
  }
}

/** Files may vanish meanwhile: a running KMA replaces its own. */
function statsOf(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

function shellQuoted(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
