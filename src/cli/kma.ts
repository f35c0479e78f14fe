/** The appliance command: appliance commands written out here and in their files, all others made from the catalogue of operations. */
import { Command } from 'commander';
import { restore } from '../backup/restore.ts';
import { isRefusal } from '../core/refusal.ts';
import { OpenKmaError } from '../errors.ts';
import { operations } from '../operations/catalogue.ts';
import { SecretBytes } from '../security/secret-bytes.ts';
import { askOrThrow } from './admin-client.ts';
import { fetchBackup, fetchCoreSecurityBackup } from './backup-commands.ts';
import { ANSWERS_EXAMPLE, initialise, readAnswers } from './init-command.ts';
import { addOperationCommand, readUser } from './operation-command.ts';
import { printOutput, runCommand } from './output.ts';
import { readCredentialsFile } from './passphrases.ts';
import { progressLine } from './progress.ts';
import { serve, untilSignal } from './serve-command.ts';

const EXIT_HELP = `
Exit codes:
  0 done   1 failure   2 usage   3 not found   4 denied   5 conflict or locked   6 quorum not met   7 not running, busy
`;

const program = new Command('kma')
  .description('OpenKMA: a Key Management Appliance. Every command works on the data directory of one KMA.')
  .option('--data <directory>', 'data directory', './kma-data')
  .option('--json', 'print JSON for programs')
  .addHelpText(
    'after',
    `${EXIT_HELP}\nExample:\n  kma init --answers answers.json --data /var/lib/openkma\n  kma serve --data /var/lib/openkma\n`,
  );

const globals = (): { data: string; json: boolean } => {
  const { data, json } = program.opts<{ data: string; json?: boolean }>();
  return { data, json: json === true };
};
const run = (work: () => Promise<number | undefined>) => runCommand(() => globals().json, work);

program
  .command('init')
  .description('QuickStart: sets up the first KMA of a new cluster in an empty directory')
  .requiredOption('--answers <file>', 'JSON file with the answers, "-" for standard input')
  .addHelpText(
    'after',
    `\nExample:\n  kma init --answers answers.json\n\nThe answers file:\n${JSON.stringify(ANSWERS_EXAMPLE, null, 2)}\n\nA passphrase may stand in "passphrase" instead of a file; without either it is asked for.\n`,
  )
  .action((options: { answers: string }) =>
    run(async () => {
      const { data, json } = globals();
      printOutput(
        {
          ...(await initialise(data, readAnswers(options.answers))),
          dataDirectory: data,
          next: `kma serve --data ${data}`,
        },
        json,
      );
      return 0;
    }),
  );

program
  .command('serve')
  .description('runs the KMA in the foreground until Ctrl-C')
  .option('--listen <address>', 'address of both networks', '127.0.0.1')
  .option('--management-address <address>', 'address of the management network')
  .option('--service-address <address>', 'address of the service network')
  .option('--fronts <n>', 'front processes (default: one for each CPU)', Number)
  .option('--front-user <name>', 'user that fronts become when started as root', 'nobody')
  .option('--port-offset <n>', 'added to every port, for a second KMA on one machine', Number, 0)
  .addHelpText(
    'after',
    '\nExample:\n  kma serve --data /var/lib/openkma --management-address 192.0.2.10 --service-address 198.51.100.10\n',
  )
  .action((options) =>
    run(async () => {
      const kma = await serve({
        data: globals().data,
        ...options,
        log: (line) => process.stderr.write(`${line}\n`),
      });
      process.stderr.write(`ready${kma.locked() ? ', locked: unlock with "kma unlock"' : ''}\n`);
      await Promise.race([untilSignal(), kma.ended]);
      await kma.stop();
      return 0;
    }),
  );

/** Adds the options that name the user. */
function asUser(command: Command): Command {
  return command
    .requiredOption('--user <name>', 'who asks')
    .option(
      '--user-passphrase-file <file>',
      'file with that user\'s passphrase, "-" for standard input; asked for otherwise',
    );
}

for (const [name, description, fetch] of [
  [
    'backup',
    'database backup: writes the pair of files, reads them back, and then keys become Ready (Backup Operator)',
    fetchBackup,
  ],
  [
    'core-security-backup',
    'core security backup: what a quorum opens all backups with (Security Officer)',
    fetchCoreSecurityBackup,
  ],
] as const)
  asUser(program.command(name).description(description))
    .requiredOption('--to <directory>', 'where the files go; not inside the data directory')
    .addHelpText(
      'after',
      `\nExample:\n  kma ${name} --to /media/safe --user ${name === 'backup' ? 'backup-operator' : 'officer'}\n`,
    )
    .action((options: { to: string }) =>
      run(async () => {
        const { data, json } = globals();
        const progress = progressLine(!json);
        const made = await fetch(
          { dataDirectory: data, to: options.to, user: await readUser(options) },
          progress.update,
        );
        progress.end();
        printOutput(made, json);
        return 0;
      }),
    );

program
  .command('restore')
  .description('restores a KMA from backup files into an empty data directory, with a quorum')
  .requiredOption('--core-security-backup <file>', 'the core security backup')
  .requiredOption('--backup <file>', 'OKM-Backup-....dat')
  .requiredOption('--backup-key <file>', 'OKM-BackupKey-....json of the same pair')
  .requiredOption(
    '--quorum-file <file>',
    'key split credentials, one a line: NAME passphrase; "-" for standard input',
  )
  .option('--management-address <address>', 'address of this KMA on the management network', '127.0.0.1')
  .option('--service-address <address>', 'address of this KMA on the service network', '127.0.0.1')
  .addHelpText(
    'after',
    '\nExample:\n  kma restore --data ./restored --core-security-backup csb.json --backup OKM-Backup-1.dat --backup-key OKM-BackupKey-1.json --quorum-file quorum\n',
  )
  .action(
    (
      options: Record<
        'coreSecurityBackup' | 'backup' | 'backupKey' | 'quorumFile' | 'managementAddress' | 'serviceAddress',
        string
      >,
    ) =>
      run(async () => {
        const { data, json } = globals();
        const quorum = readCredentialsFile(options.quorumFile);
        const result = await restore({
          dataDirectory: data,
          coreSecurityBackup: options.coreSecurityBackup,
          backupFile: options.backup,
          backupKeyFile: options.backupKey,
          quorum: quorum.map(({ name, passphrase }) => ({
            name,
            passphrase: SecretBytes.fromText(passphrase),
          })),
          serviceAddress: options.serviceAddress,
          managementAddress: options.managementAddress,
          step: (text) => process.stderr.write(`${text} ...\n`),
        });
        if (isRefusal(result)) throw new OpenKmaError(result.refused, result.detail);
        printOutput({ ...result, next: `kma serve --data ${data}, then "kma unlock"` }, json);
        return 0;
      }),
  );

for (const operation of operations)
  addOperationCommand(program, operation, (request) =>
    run(async () => {
      const progress = progressLine(!request.json);
      const output = await askOrThrow(
        request.dataDirectory,
        { ...request, operation: request.operation.name },
        progress.update,
      );
      progress.end();
      printOutput(output, request.json);
      return 0;
    }),
  );

program.exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
await program.parseAsync();
