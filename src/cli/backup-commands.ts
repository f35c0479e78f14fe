/** "kma backup" and "kma core-security-backup": fetch what the core made into a directory, read it back, and only then let it count (D4). */
import { randomBytes } from 'node:crypto';
import {
  existsSync,
  linkSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { z } from 'zod';
import { copyFile, hashFile } from '../backup/backup-file.ts';
import { OpenKmaError } from '../errors.ts';
import { sha256Hex } from '../security/sealing.ts';
import { syncDirectory } from '../store/synced-file.ts';
import { type AdminProgress, askOrThrow } from './admin-client.ts';
import { makeDirectory } from './make-directory.ts';

interface Who {
  readonly dataDirectory: string;
  readonly user: { readonly name: string; readonly passphrase: string } | null;
  /** Directory for the files; made when missing, which is told: a medium may not be mounted. */
  readonly to: string;
  readonly say?: (line: string) => void;
  /** The one that is due, made by the appliance itself. */
  readonly scheduled?: true;
}

const madeBackup = z.object({
  backupId: z.string(),
  directory: z.string(),
  fileName: z.string(),
  keyFileName: z.string(),
  fileSha256: z.string(),
  keyFileSha256: z.string(),
  stateHash: z.string(),
});
const madeCoreSecurityBackup = z.object({ backupId: z.string(), fileName: z.string(), content: z.string() });

export interface FetchedBackup {
  readonly backupId: string;
  readonly files: readonly string[];
  readonly stateHash?: string;
}

export async function fetchBackup(who: Who, progress: AdminProgress): Promise<FetchedBackup> {
  const to = targetDirectory(who);
  const made = madeBackup.parse(
    await askOrThrow(
      who.dataDirectory,
      {
        operation: who.scheduled ? 'CreateScheduledBackup' : 'CreateDatabaseBackup',
        input: {},
        user: who.user,
      },
      progress,
    ),
  );
  const file = await fetchFile(join(made.directory, made.fileName), join(to, made.fileName), made.fileSha256);
  const keyFile = await fetchFile(
    join(made.directory, made.keyFileName),
    join(to, made.keyFileName),
    made.keyFileSha256,
  );
  const input = { backupId: made.backupId, fileSha256: made.fileSha256, keyFileSha256: made.keyFileSha256 };
  const operation = who.scheduled ? 'ConfirmScheduledBackup' : 'ConfirmBackupDownloaded';
  await askOrThrow(who.dataDirectory, { operation, input, user: who.user });
  return { backupId: made.backupId, files: [file, keyFile], stateHash: made.stateHash };
}

export async function fetchCoreSecurityBackup(who: Who): Promise<FetchedBackup> {
  const to = targetDirectory(who);
  const request = { operation: 'CreateCoreSecurityBackup', input: {}, user: who.user };
  const made = madeCoreSecurityBackup.parse(await askOrThrow(who.dataDirectory, request));
  const path = join(to, made.fileName);
  writeFileSync(path, made.content, { mode: 0o600, flag: 'wx', flush: true });
  const fileSha256 = sha256Hex(readFileSync(path));
  if (fileSha256 !== sha256Hex(Buffer.from(made.content)))
    throw new OpenKmaError('BACKUP_FILE_INVALID', `${path} did not read back as written`);
  const input = { backupId: made.backupId, fileSha256 };
  await askOrThrow(who.dataDirectory, {
    operation: 'ConfirmCoreSecurityBackupDownloaded',
    input,
    user: who.user,
  });
  return { backupId: made.backupId, files: [path] };
}

export function targetDirectory(who: Pick<Who, 'dataDirectory' | 'to' | 'say'>): string {
  const to = resolve(who.to);
  const way = relative(truePath(resolve(who.dataDirectory)), truePath(to));
  if (way !== '..' && !way.startsWith(`..${sep}`)) throw new OpenKmaError('BACKUP_INSIDE_DATA', to);
  if (makeDirectory(to))
    who.say?.(
      `${to} was not there and was made: if it is to be on another medium, look whether that is mounted`,
    );
  return to;
}

/** Links followed; what does not exist yet lies where its parent really is. */
function truePath(path: string): string {
  return existsSync(path) ? realpathSync(path) : join(truePath(dirname(path)), basename(path));
}

/** Brings it there under a temporary name, synced, reads it back, then names it: a file with the final name is whole. */
async function fetchFile(from: string, to: string, sha256: string): Promise<string> {
  if (existsSync(to)) throw new OpenKmaError('USAGE', `${to} exists`);
  const temporary = `${to}.${randomBytes(4).toString('hex')}`;
  try {
    await linkOrCopy(from, temporary);
    const copy = await hashFile(temporary);
    if (copy.sha256 !== sha256 || copy.bytes !== statSync(from).size)
      throw new OpenKmaError('BACKUP_FILE_INVALID', `${to} did not read back as written`);
    renameSync(temporary, to);
    // A file that counts has to be found under its name after a power cut.
    syncDirectory(dirname(to));
    return to;
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** On one file system the file gets a second name, and keeps it when the KMA takes its own away: a copy would have the disk write all of it again, in front of agents' commits. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    linkSync(from, to);
  } catch {
    await copyFile(from, to);
  }
}
