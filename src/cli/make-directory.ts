/** Makes a directory and those above it, bounded: on some file systems the recursive way of Node.js never ends (where making one answers that the one above is missing, and it is not). */
import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { OpenKmaError } from '../errors.ts';

/** Whether it was not there; throws USAGE where it cannot be made. For its owner alone. */
export function makeDirectory(path: string): boolean {
  const missing: string[] = [];
  let at = resolve(path);
  for (; !isDirectory(at); at = dirname(at)) missing.unshift(at);
  for (const directory of missing) {
    try {
      mkdirSync(directory, { mode: 0o700 });
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
      throw new OpenKmaError('USAGE', `the directory ${directory} cannot be made (${code})`);
    }
  }
  return missing.length > 0;
}

function isDirectory(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found !== undefined && !found.isDirectory())
    throw new OpenKmaError('USAGE', `${path} is not a directory`);
  return found !== undefined;
}
