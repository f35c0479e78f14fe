/** Removes a file as large as the store without holding up the store's commits. It is never for a file that has another name, which would end too. */
import { rm, stat, truncate } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

const PIECE_BYTES = 32 * 1024 * 1024;
const PAUSE_MS = 20;

/** The file system gives back all blocks of a removed file in one step, and what is to be synced meanwhile waits for tenths of a second. So the file gets shorter first. */
export async function removeLargeFile(path: string, pieceBytes = PIECE_BYTES): Promise<void> {
  const { size } = await stat(path).catch(() => ({ size: 0 }));
  for (let left = size - pieceBytes; left > 0; left -= pieceBytes) {
    await truncate(path, left);
    await pause(PAUSE_MS);
  }
  await rm(path, { force: true });
}
