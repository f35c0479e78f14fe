/** "okm backup": has the KMA make a database backup, fetches both files here, reads them back, and only then lets the backup count (D4); once, or over and over. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Command, InvalidArgumentError } from 'commander';
import { OpenKmaError } from '../../errors.ts';
import { durationSeconds } from '../../operations/fields.ts';
import type { Named } from '../dialect.ts';
import { say } from '../output.ts';
import { shellWord } from '../shell-word.ts';
import { backedUp } from './backup-run.ts';
import { Connection } from './connection.ts';
import type { Globals } from './globals.ts';
import { persistentBackup } from './persistent-backup.ts';
import { printResult } from './result.ts';

interface BackupOptions {
  readonly directory?: string;
  readonly job?: string;
  readonly every?: number;
}

/** A backup that failed is tried again as often as this, until the next one is due. */
const AGAIN_MS = 60_000;

/** To be added before the commands of the catalogue, which share the group. */
export function addBackup(program: Command, globals: () => Globals): void {
  program
    .command('backup')
    .helpGroup('Each with commands of its own:')
    .description(
      'Makes a database backup, fetches both files here and reads them back (Backup Operator); below it list, confirm-destroyed and more.',
    )
    .option('--directory <directory>', 'where the files go; made when missing')
    .option('--job <job>', 'go on with a backup that was broken off: its job, as it was told')
    .option('--every <time>', 'over and over, such as 24h, until it is ended', everyMs)
    .addHelpText('after', '\nExample:\n  okm backup --directory /media/backups\n')
    .action(async ({ directory, job, every }: BackupOptions) => {
      if (directory === undefined)
        throw new OpenKmaError('USAGE', 'say where the files go with --directory, or name a subcommand');
      if (every !== undefined && job !== undefined)
        throw new OpenKmaError('USAGE', '--job is one backup, and --every are many');
      const options = globals();
      const connection = new Connection(options);
      const user = await connection.user();
      if (every === undefined) return once(connection, user, { directory, job }, options);
      if (await connection.isLogIn(user))
        throw new OpenKmaError('USAGE', 'a log-in ends after some hours: give --usercert, or --user');
      return overAndOver(connection, user, directory, every, options);
    });
}

function everyMs(text: string): number {
  const seconds = durationSeconds(text);
  if (seconds === null) throw new InvalidArgumentError('a number with s, min, h, d or w, such as 24h');
  return seconds * 1000;
}

async function once(
  connection: Connection,
  user: Named | null,
  { directory, job }: { readonly directory: string; readonly job: string | undefined },
  globals: Globals,
): Promise<void> {
  const begun = (id: string) =>
    say(`if this is broken off, go on with: okm backup --directory ${shellWord(directory)} --job ${id}`);
  const run = {
    directory,
    showProgress: globals.json !== true,
    begun,
    ...(job === undefined ? {} : { job }),
  };
  printResult(await connection.use(user, (manager) => backedUp(manager, run)), globals);
}

/** Ends with a signal alone. One that failed is told; the KMA warns by itself of backups that do not come. */
async function overAndOver(
  connection: Connection,
  user: Named | null,
  directory: string,
  everyMs: number,
  globals: Globals,
): Promise<never> {
  const run = {
    directory,
    showProgress: false,
    waitMs: Math.min(AGAIN_MS, everyMs),
    retries: Math.floor(everyMs / AGAIN_MS),
  };
  for (;;) {
    const startedMs = performance.now();
    let waitMs = everyMs;
    try {
      printResult(await persistentBackup(connection, user, run), globals);
    } catch (error) {
      say(`no backup: ${error instanceof Error ? error.message : String(error)}`);
      waitMs = run.waitMs;
    }
    await sleep(Math.max(0, waitMs - (performance.now() - startedMs)));
  }
}
