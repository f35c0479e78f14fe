/** Writes a file of this user alone, whole or not at all. It does not wait until it is on disk. */
import { renameSync, rmSync, writeFileSync } from 'node:fs';

export function writePrivate(path: string, content: string | Uint8Array): void {
  const temporary = `${path}~`;
  rmSync(temporary, { force: true });
  writeFileSync(temporary, content, { mode: 0o600, flag: 'wx' });
  renameSync(temporary, path);
}
