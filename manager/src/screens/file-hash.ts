/** The hash of a file that somebody has chosen. It sends nothing anywhere. */
import { createSHA256 } from 'hash-wasm';

/** Read in pieces, however large it is; upper-case hex. */
export async function sha256Of(file: Blob): Promise<string> {
  const hasher = await createSHA256();
  const reader = file.stream().getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) hasher.update(read.value);
  return hasher.digest('hex').toUpperCase();
}
