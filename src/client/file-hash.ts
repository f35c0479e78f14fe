/** The SHA-256 of a file here, read in pieces. It checks nothing against it. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

const READ_BYTES = 1024 * 1024;

/** Upper-case hex; of the whole file, or of its first bytes, of which there is one at least. */
export async function fileSha256(path: string, firstBytes?: number): Promise<string> {
  const hash = createHash('sha256');
  const range = firstBytes === undefined ? {} : { end: firstBytes - 1 };
  for await (const chunk of createReadStream(path, { ...range, highWaterMark: READ_BYTES }))
    hash.update(chunk);
  return hash.digest('hex').toUpperCase();
}
