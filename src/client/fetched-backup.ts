/** Fetches the files of a backup into a directory, piece by piece, and goes on with what is there already. A file with its own name is whole and was read back; it confirms nothing. */
import { constants, existsSync } from 'node:fs';
import { type FileHandle, lstat, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { OpenKmaError } from '../errors.ts';
import type { BackupPart } from '../operations/contexts.ts';
import { readBackupPiece } from '../operations/read-backup-piece.ts';
import { fileSha256 } from './file-hash.ts';
import type { Progress } from './job.ts';
import type { Manager } from './manager.ts';

export interface WantedFile {
  readonly backupId: string;
  readonly part: BackupPart;
  readonly fileName: string;
  /** At most. */
  readonly bytesMax: number;
  /** Upper-case hex. */
  readonly sha256: string;
}

/** A KMA that is hostile chooses no other name, and so nothing that another program would read. */
const NAMES = {
  backup: (id: string) => new RegExp(`^OKM-Backup-${id}-\\d{8}T\\d{6}\\.dat$`),
  key: (id: string) => new RegExp(`^OKM-BackupKey-${id}-\\d{8}T\\d{6}\\.json$`),
} as const;
const APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;

/** The path of the file; throws BACKUP_FILE_INVALID where it does not read back as it was made. */
export async function fetchedFile(
  manager: Manager,
  wanted: WantedFile,
  directory: string,
  progress: Progress,
): Promise<string> {
  const { backupId, part: which, fileName, bytesMax } = wanted;
  if (!/^[0-9A-F]{32}$/.test(backupId) || !NAMES[which](backupId).test(fileName))
    throw new OpenKmaError('BACKUP_FILE_INVALID', 'the KMA gave its files names that are none of a backup');
  const path = join(directory, fileName);
  if (existsSync(path)) {
    if ((await fileSha256(path)) === wanted.sha256) return path;
    throw new OpenKmaError('BACKUP_FILE_INVALID', `${path} is there, and is another file`);
  }
  const part = `${path}.part`;
  const there = await lstat(part).catch(() => null);
  // Of another file, then.
  if (there !== null && there.size > bytesMax) await rm(part);
  const file = await open(part, APPEND, 0o600);
  try {
    await fetchRest(manager, wanted, file, (await file.stat()).size, progress);
    await file.sync();
  } finally {
    await file.close();
  }
  if ((await fileSha256(part)) !== wanted.sha256) {
    await rm(part);
    throw new OpenKmaError('BACKUP_FILE_INVALID', `${path} did not read back as it was made`);
  }
  await rename(part, path);
  await syncDirectory(directory);
  return path;
}

async function fetchRest(
  manager: Manager,
  { backupId, part, sha256, bytesMax }: WantedFile,
  file: FileHandle,
  from: number,
  progress: Progress,
): Promise<void> {
  for (let offset = from; ; ) {
    const { output } = await manager.call(readBackupPiece, { backupId, part, offset });
    const piece = readBackupPiece.output.parse(output);
    if (piece.sha256 !== sha256 || piece.totalBytes > bytesMax)
      throw new OpenKmaError('BACKUP_FILE_INVALID', 'the KMA has another file than it made');
    const bytes = Buffer.from(piece.bytes, 'base64');
    offset += bytes.length;
    if (offset > piece.totalBytes)
      throw new OpenKmaError('BACKUP_FILE_INVALID', 'the KMA sends more than the file has');
    await file.appendFile(bytes);
    progress(offset, piece.totalBytes, 'fetching the backup');
    if (bytes.length === 0 || offset >= piece.totalBytes) return;
  }
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
