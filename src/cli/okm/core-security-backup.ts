/** "okm core-security-backup fetch": writes the file here, reads it back, and only then lets it count (D4). */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import type { Manager } from '../../client/manager.ts';
import { OpenKmaError } from '../../errors.ts';
import { makeDirectory } from '../make-directory.ts';
import { say } from '../output.ts';
import { Connection } from './connection.ts';
import type { Globals } from './globals.ts';
import { operationNamed } from './operation-named.ts';
import { printResult } from './result.ts';

const made = z.looseObject({ backupId: z.string(), fileName: z.string(), content: z.string() });

/** To be added before the commands of the catalogue, which share the group. */
export function addCoreSecurityBackup(program: Command, globals: () => Globals): void {
  program
    .command('core-security-backup')
    .helpGroup('Each with commands of its own:')
    .command('fetch')
    .description('Makes a core security backup, writes it here and reads it back (Security Officer).')
    .requiredOption('--directory <directory>', 'where the file goes; made when missing')
    .addHelpText('after', '\nExample:\n  okm core-security-backup fetch --directory /media/safe\n')
    .action(async ({ directory }: { directory: string }) => {
      const options = globals();
      const connection = new Connection(options);
      const user = await connection.user();
      printResult(await connection.use(user, (manager) => fetched(manager, directory)), options);
      say('Written and read back. Keep it away from the KMA, and apart from the database backups.');
    });
}

async function fetched(manager: Manager, directory: string): Promise<object> {
  makeDirectory(directory);
  const { output } = await manager.call(operationNamed('CreateCoreSecurityBackup'), {});
  const { backupId, fileName, content } = made.parse(output);
  // The name comes from the KMA: it chooses no directory.
  const path = join(directory, basename(fileName));
  writeFileSync(path, content, { mode: 0o600, flag: 'wx', flush: true });
  const back = readFileSync(path);
  if (!back.equals(Buffer.from(content)))
    throw new OpenKmaError('BACKUP_FILE_INVALID', `${path} did not read back as written`);
  const fileSha256 = createHash('sha256').update(back).digest('hex').toUpperCase();
  await manager.call(operationNamed('ConfirmCoreSecurityBackupDownloaded'), { backupId, fileSha256 });
  return { backupId, file: path };
}
