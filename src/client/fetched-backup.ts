/** Fetches the files of a backup into a directory, piece by piece, and goes on with what is there already. A file with its own name is whole and was read back; it confirms nothing. */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { OpenKmaError } from '../errors.ts';
import type { BackupPart } from '../operations/contexts.ts';
import { readBackupPiece } from '../operations/read-backup-piece.ts';
import type { Progress } from './job.ts';
import type { Manager } from './manager.ts';

export interface WantedFile {
  readonly backupId: string;
  readonly part: BackupPart;
  /** As the KMA calls it; where it names a directory too, that counts for nothing. */
  readonly fileName: string;
  /** Upper-case hex. */
  readonly sha256: string;
}

/** The path of the file; throws BACKUP_FILE_INVALID where it does not read back as it was made. */
export async function fetchedFile(
  manager: Manager,
  wanted: WantedFile,
  directory: string,
  progress: Progress,
): Promise<string> {
  const path = join(directory, basename(wanted.fileName));
  if (existsSync(path)) {
    if ((await sha256Of(path)) === wanted.sha256) return path;
    throw new OpenKmaError('BACKUP_FILE_INVALID', `${path} is there, and is another file`);
  }
  const part = `${path}.part`;
  const file = await open(part, 'a', 0o600);
  try {
    await fetchRest(manager, wanted, file, (await stat(part)).size, progress);
    await file.sync();
  } finally {
    await file.close();
  }
  if ((await sha256Of(part)) !== wanted.sha256) {
    await rm(part);
    throw new OpenKmaError('BACKUP_FILE_INVALID', `${path} did not read back as it was made`);
  }
  await rename(part, path);
  await syncDirectory(directory);
  return path;
}

async function fetchRest(
  manager: Manager,
  { backupId, part, sha256 }: WantedFile,
  file: FileHandle,
  from: number,
  progress: Progress,
): Promise<void> {
  for (let offset = from; ; ) {
    const { output } = await manager.call(readBackupPiece, { backupId, part, offset });
    const piece = readBackupPiece.output.parse(output);
    if (piece.sha256 !== sha256)
      throw new OpenKmaError('BACKUP_FILE_INVALID', 'the KMA has another file than it made');
    const bytes = Buffer.from(piece.bytes, 'base64');
    await file.appendFile(bytes);
    offset += bytes.length;
    progress(offset, piece.totalBytes, 'fetching the backup');
    if (bytes.length === 0 || offset >= piece.totalBytes) return;
  }
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) hash.update(chunk);
  return hash.digest('hex').toUpperCase();
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
