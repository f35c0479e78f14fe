/** A small file in a directory of another user, who may put anything in its place: root follows no link of his, waits for nobody, and reads no file but a plain one of that user. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;

/** Its beginning; null where there is none, or something else. */
export function readLentFile(path: string, uid: number, bytesMax: number): Buffer | null {
  let fd: number;
  try {
    // A named pipe would keep the whole process waiting for who writes.
    fd = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch {
    return null;
  }
  try {
    const found = fstatSync(fd);
    if (!found.isFile() || found.uid !== uid || found.nlink !== 1) return null;
    const bytes = Buffer.alloc(bytesMax);
    return bytes.subarray(0, readSync(fd, bytes));
  } finally {
    closeSync(fd);
  }
}
