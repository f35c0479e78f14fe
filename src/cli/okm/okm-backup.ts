/** "OKM_Backup", for scripts that were written for the product's utility of this name: its options, and what okm needs besides. It takes no passphrase as an argument. */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { OpenKmaError } from '../../errors.ts';
import { PORT_OFFSET_MAX } from '../../ports.ts';
import { endWithOutput, runCommand, say } from '../output.ts';
import { usageAdvice } from '../usage-advice.ts';
import { integerOf } from '../whole-number.ts';
import { Connection } from './connection.ts';
import { textOf } from './dialect.ts';
import type { Globals } from './globals.ts';
import { persistentBackup } from './persistent-backup.ts';
import { printResult } from './result.ts';

interface Options extends Pick<Globals, 'profile' | 'portOffset' | 'cacert' | 'caKey' | 'usercert'> {
  readonly UserID?: string;
  readonly KMAIPAddress: string;
  readonly BackupFilePath: string;
  readonly Retries: number;
  readonly Timeout: number;
  readonly userPassphraseFile?: string;
}

const RETRIES = { default: 60, max: 10_000 } as const;
const WAIT_S = { default: 60, max: 86_400 } as const;
/** For an answer. */
const ANSWER_S = 60;
/** The product's words have one dash. */
const PASSPHRASE = /^--?Passphrase(=|$)/;
const WORDS = ['UserID', 'KMAIPAddress', 'BackupFilePath', 'Retries', 'Timeout'];

function okmBackupProgram(): Command {
  const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return new Command('OKM_Backup')
    .description(
      'Makes a database backup and fetches it; the same as "okm backup", with the words of old scripts.',
    )
    .version(version, '--version', 'print the version')
    .configureOutput({ outputError: () => undefined })
    .exitOverride()
    .option('--UserID <name>', 'who asks, a Backup Operator; not needed with --usercert')
    .requiredOption('--KMAIPAddress <address>', 'management address of the KMA')
    .requiredOption('--BackupFilePath <directory>', 'where the files go')
    .option(
      '--Retries <n>',
      'further attempts where the KMA is busy',
      integerOf(0, RETRIES.max),
      RETRIES.default,
    )
    .option('--Timeout <s>', 'between two attempts', integerOf(0, WAIT_S.max), WAIT_S.default)
    .option(
      '--user-passphrase-file <file>',
      'file with the passphrase, "-" for standard input; asked for otherwise',
    )
    .option('--usercert <file>', 'asks with this saved certificate (PEM) in place of a user and passphrase')
    .option('--profile <name>', 'the cluster, as "okm profile create" made it; or give --cacert')
    .option('--port-offset <n>', 'what the KMA adds to every port', integerOf(0, PORT_OFFSET_MAX))
    .option('--cacert <file>', 'root CA certificate of the cluster, as PEM')
    .option('--ca-key <sha256>', '"Public key SHA256" of the root CA')
    .addHelpText(
      'after',
      `
One dash does as well for -UserID, -KMAIPAddress, -BackupFilePath, -Retries, -Timeout.
Example:
  OKM_Backup -UserID backups -KMAIPAddress 192.0.2.10 -BackupFilePath /media/backups -Retries 10 -Timeout 30
`,
    )
    .action(async (options: Options) => {
      say(`OKM_Backup of OpenKMA ${version}`);
      await backUp(options);
    });
}

async function backUp(options: Options): Promise<void> {
  const { UserID, KMAIPAddress, BackupFilePath, Retries, Timeout, ...more } = options;
  if (UserID === undefined && more.usercert === undefined)
    throw new OpenKmaError('USAGE', 'say who asks with -UserID, or give --usercert');
  const globals: Globals = {
    ...more,
    kma: KMAIPAddress,
    ...(UserID === undefined ? {} : { user: UserID }),
    timeout: ANSWER_S,
    retries: 0,
  };
  const connection = new Connection(globals);
  const user = await connection.user();
  const run = { directory: BackupFilePath, showProgress: true, retries: Retries, waitMs: Timeout * 1000 };
  printResult(await persistentBackup(connection, user, run), {});
}

/** The product's words with the two dashes that the library wants; all but one. */
function withTwoDashes(argv: readonly string[]): string[] {
  // Refused before anything is parsed, so that no message repeats it.
  if (argv.some((word) => PASSPHRASE.test(word)))
    throw new OpenKmaError(
      'USAGE',
      '-Passphrase is not taken, since other users of this computer can see it: give --user-passphrase-file, or be asked',
    );
  return argv.map((word) => (WORDS.some((known) => word === `-${known}`) ? `-${word}` : word));
}

export function runOkmBackup(argv: readonly string[]): Promise<void> {
  endWithOutput();
  const program = okmBackupProgram();
  return runCommand(
    false,
    async () => program.parseAsync(withTwoDashes(argv), { from: 'user' }),
    (code, advice) => (code === 'USAGE' ? usageAdvice(program, argv) : textOf(advice)),
  );
}
