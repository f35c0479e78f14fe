/** One database backup from its beginning to its confirmation, with files here. It says what to do when it is broken off, and prints no result. */
import { resolve } from 'node:path';
import { TEXT_FILE_BYTES_MAX } from '../../backup/text-file-size.ts';
import { fetchedFile } from '../../client/fetched-backup.ts';
import { finished, type Progress, resultOf } from '../../client/job.ts';
import type { Manager } from '../../client/manager.ts';
import { confirmBackupDownloaded, createDatabaseBackup } from '../../operations/backups.ts';
import { startedJob } from '../../operations/jobs.ts';
import { makeDirectory } from '../make-directory.ts';
import { say } from '../output.ts';
import { progressLine } from '../progress.ts';

export interface BackupRun {
  readonly directory: string;
  /** Of a backup that was begun before. */
  readonly job?: string;
  readonly showProgress: boolean;
  /** Told when a new one has begun. */
  begun(job: string): void;
}

export interface FetchedBackup {
  readonly backupId: string;
  readonly files: readonly string[];
  readonly stateHash: string;
}

/** The paths of both files, of a backup that counts. */
export async function backedUp(manager: Manager, run: BackupRun): Promise<FetchedBackup> {
  const directory = targetDirectory(run.directory);
  const line = progressLine(run.showProgress);
  try {
    const made = createDatabaseBackup.output.parse(await madeBackup(manager, run, line.update));
    const { backupId, stateHash, fileSha256, fileBytes, keyFileSha256 } = made;
    const fetch = (part: 'backup' | 'key', fileName: string, sha256: string, bytesMax: number) =>
      fetchedFile(manager, { backupId, part, fileName, sha256, bytesMax }, directory, line.update);
    const files = [
      await fetch('backup', made.fileName, fileSha256, fileBytes),
      await fetch('key', made.keyFileName, keyFileSha256, TEXT_FILE_BYTES_MAX),
    ];
    await manager.call(confirmBackupDownloaded, { backupId, fileSha256, keyFileSha256 });
    return { backupId, files, stateHash };
  } finally {
    line.end();
  }
}

function targetDirectory(given: string): string {
  const directory = resolve(given);
  if (makeDirectory(directory))
    say(
      `${directory} was not there and was made: if it is to be on another medium, look whether that is mounted`,
    );
  return directory;
}

async function madeBackup(manager: Manager, { job, begun }: BackupRun, progress: Progress): Promise<unknown> {
  if (job !== undefined) return resultOf(manager, job, progress);
  const answer = await manager.call(createDatabaseBackup, {});
  if (answer.became === 'job') begun(startedJob.parse(answer.output).job);
  return (await finished(manager, answer, progress)).output;
}
