/** Sends a file to restore from to a KMA, piece by piece, and goes on after what is there of it already. It opens none. */
import { open } from 'node:fs/promises';
import type { RestorePart } from '../operations/contexts.ts';
import { sendRestoreFile, showRestoreFiles } from '../operations/restore.ts';
import { fileSha256 } from './file-hash.ts';
import type { Progress } from './job.ts';
import type { Manager } from './manager.ts';

const PIECE_BYTES = 128 * 1024;

/** The SHA-256 of the file, upper-case hex. */
export async function sentFile(
  manager: Manager,
  part: RestorePart,
  path: string,
  progress: Progress,
): Promise<string> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    let offset = await there(manager, part, path, size);
    const buffer = Buffer.alloc(PIECE_BYTES);
    while (offset < size) {
      const { bytesRead } = await file.read(buffer, 0, PIECE_BYTES, offset);
      // It became shorter meanwhile; the hash will tell.
      if (bytesRead === 0) break;
      const bytes = buffer.subarray(0, bytesRead).toString('base64');
      await manager.call(sendRestoreFile, { part, offset, bytes });
      offset += bytesRead;
      progress(offset, size, `sending the ${part} file`);
    }
  } finally {
    await file.close();
  }
  return fileSha256(path);
}

/** How much of this very file the KMA has. */
async function there(manager: Manager, part: RestorePart, path: string, size: number): Promise<number> {
  const { files } = showRestoreFiles.output.parse((await manager.call(showRestoreFiles, {})).output);
  const found = files.find((file) => file.part === part);
  if (found === undefined || found.bytes === 0 || found.bytes > size) return 0;
  return (await fileSha256(path, found.bytes)) === found.sha256 ? found.bytes : 0;
}
