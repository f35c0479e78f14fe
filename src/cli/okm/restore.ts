/** "okm restore": sends the files of a backup to an empty KMA with a temporary Security Officer, who has them opened by a quorum of the backup. It restores nothing here. */
import { statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import type { z } from 'zod';
import { finished } from '../../client/job.ts';
import type { Place } from '../../client/log-in.ts';
import type { Manager } from '../../client/manager.ts';
import { pinnedCa } from '../../client/saved-certificate.ts';
import { sentFile } from '../../client/sent-file.ts';
import { OpenKmaError } from '../../errors.ts';
import { NOT_DESTROYED_TEXT, restoreFromFiles } from '../../operations/restore.ts';
import { say } from '../output.ts';
import { progressLine } from '../progress.ts';
import { QUORUM_OPTION, readQuorum } from '../quorum.ts';
import { Connection } from './connection.ts';
import type { Globals } from './globals.ts';
import { printResult } from './result.ts';

/** A KMA that is restored stops in order first. */
const START_MS = 300_000;

interface RestoreOptions {
  readonly backup: string;
  readonly backupKey: string;
  readonly coreSecurityBackup: string;
  readonly quorumFile?: string;
}

export function addRestore(program: Command, globals: () => Globals): void {
  program
    .command('restore')
    .helpGroup('Backups:')
    .description(
      'Restores a backup into a KMA that was set up anew, with its temporary Security Officer and a quorum of the backup; the KMA then starts anew as the restored one.',
    )
    .requiredOption('--backup <file>', 'the backup file')
    .requiredOption('--backup-key <file>', 'the backup key file that was made with it')
    .requiredOption(
      '--core-security-backup <file>',
      'a core security backup of the same cluster, older or newer',
    )
    .option(...QUORUM_OPTION)
    .addHelpText(
      'after',
      '\nExample:\n  okm restore --backup OKM-Backup-X.dat --backup-key OKM-BackupKey-X.json --core-security-backup OKM-CoreSecurity-X.json\n',
    )
    .action(async (options: RestoreOptions) => {
      const { backup, backupKey, coreSecurityBackup } = options;
      for (const path of [backup, backupKey, coreSecurityBackup])
        if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true)
          throw new OpenKmaError('USAGE', `there is no file ${path}`);
      const connection = new Connection(globals());
      const user = await connection.user();
      const result = await connection.use(user, (manager) => restored(manager, options, globals()));
      printResult(result, globals());
      const { address, portOffset } = await connection.place();
      await startedAnew({ address, portOffset, caKeySha256: result.caKeySha256 }, connection.timeoutMs);
      say(
        'The KMA has started anew, locked, with the users and the root CA of the backup; the temporary ones are gone.',
      );
      say(NOT_DESTROYED_TEXT);
      say(
        'Make a profile with its caKeySha256, log in as an officer of the backup, and unlock it with a quorum.',
      );
    });
}

type Restored = z.infer<typeof restoreFromFiles.output>;

async function restored(manager: Manager, options: RestoreOptions, { json }: Globals): Promise<Restored> {
  const line = progressLine(json !== true);
  try {
    const input = {
      coreSecuritySha256: await sentFile(manager, 'core-security', options.coreSecurityBackup, line.update),
      keySha256: await sentFile(manager, 'key', options.backupKey, line.update),
      backupSha256: await sentFile(manager, 'backup', options.backup, line.update),
    };
    const quorum = await readQuorum(options.quorumFile);
    const answer = await manager.call(restoreFromFiles, input, { quorum });
    return restoreFromFiles.output.parse((await finished(manager, answer, line.update)).output);
  } finally {
    line.end();
  }
}

/** Until then the temporary one answers, whose users are no more use. */
async function startedAnew(place: Place, timeoutMs: number): Promise<void> {
  say('waiting for the KMA to start anew ...');
  for (const endMs = performance.now() + START_MS; performance.now() < endMs; await sleep(1000)) {
    const served = await pinnedCa(place, timeoutMs).catch(() => null);
    if (served !== null) return;
  }
  throw new OpenKmaError('KMA_UNREACHABLE', 'it was restored, and has not started anew within five minutes');
}
