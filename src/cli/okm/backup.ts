/** "okm backup": has the KMA make a database backup, fetches both files here, reads them back, and only then lets the backup count (D4). */
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { fetchedFile } from '../../client/fetched-backup.ts';
import { finished, type Progress, resultOf } from '../../client/job.ts';
import type { Manager } from '../../client/manager.ts';
import { OpenKmaError } from '../../errors.ts';
import { confirmBackupDownloaded, createDatabaseBackup } from '../../operations/backups.ts';
import { startedJob } from '../../operations/jobs.ts';
import { say } from '../output.ts';
import { progressLine } from '../progress.ts';
import { shellWord } from '../shell-word.ts';
import { Connection } from './connection.ts';
import type { Globals } from './globals.ts';
import { printResult } from './result.ts';

interface BackupOptions {
  readonly directory?: string;
  readonly job?: string;
}

/** To be added before the commands of the catalogue, which share the group. */
export function addBackup(program: Command, globals: () => Globals): void {
  program
    .command('backup')
    .helpGroup('Each with commands of its own:')
    .description(
      'Makes a database backup, fetches both files here and reads them back (Backup Operator); or list, confirm-destroyed and others.',
    )
    .option('--directory <directory>', 'where the files go; made when missing')
    .option('--job <job>', 'go on with a backup that was broken off: its job, as it was told')
    .addHelpText('after', '\nExample:\n  okm backup --directory /media/backups\n')
    .action(async (options: BackupOptions) => {
      const { directory } = options;
      if (directory === undefined)
        throw new OpenKmaError('USAGE', 'say where the files go with --directory, or name a subcommand');
      const connection = new Connection(globals());
      const user = await connection.user();
      printResult(
        await connection.use(user, (manager) => backedUp(manager, directory, options.job, globals())),
        globals(),
      );
    });
}

/** The paths of both files, of a backup that counts. */
export async function backedUp(
  manager: Manager,
  directory: string,
  job: string | undefined,
  { json }: Pick<Globals, 'json'>,
): Promise<{ readonly backupId: string; readonly files: readonly string[]; readonly stateHash: string }> {
  const to = resolve(directory);
  if (mkdirSync(to, { recursive: true, mode: 0o700 }) !== undefined)
    say(`${to} was not there and was made: if it is to be on another medium, look whether that is mounted`);
  const line = progressLine(json !== true);
  try {
    const made = createDatabaseBackup.output.parse(await madeBackup(manager, to, job, line.update));
    const { backupId, stateHash, fileSha256, keyFileSha256 } = made;
    const fetch = (part: 'backup' | 'key', fileName: string, sha256: string) =>
      fetchedFile(manager, { backupId, part, fileName, sha256 }, to, line.update);
    const files = [
      await fetch('backup', made.fileName, fileSha256),
      await fetch('key', made.keyFileName, keyFileSha256),
    ];
    await manager.call(confirmBackupDownloaded, { backupId, fileSha256, keyFileSha256 });
    return { backupId, files, stateHash };
  } finally {
    line.end();
  }
}

async function madeBackup(
  manager: Manager,
  to: string,
  job: string | undefined,
  progress: Progress,
): Promise<unknown> {
  if (job !== undefined) return resultOf(manager, job, progress);
  const answer = await manager.call(createDatabaseBackup, {});
  if (answer.became === 'job') {
    const { job: begun } = startedJob.parse(answer.output);
    say(`if this is broken off, go on with: okm backup --directory ${shellWord(to)} --job ${begun}`);
  }
  return (await finished(manager, answer, progress)).output;
}
