/** The appliance command: appliance commands written out here and in their files, all others made from the catalogue of operations. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { OpenKmaError } from '../errors.ts';
import { logLine } from '../log-line.ts';
import { operations } from '../operations/catalogue.ts';
import { showState } from '../operations/cluster/show-state.ts';
import { showPorts } from '../operations/platform/ports.ts';
import { showStatus } from '../operations/status.ts';
import { PORT_OFFSET_MAX } from '../ports.ts';
import { VERSION } from '../version.ts';
import { askOrThrow } from './admin-client.ts';
import { servesAgain } from './after-end.ts';
import { addBackupVerify } from './backup-verify.ts';
import { withCommandsHere } from './commands-here.ts';
import { addConsoleCommand } from './console/console-command.ts';
import { continuation } from './continuation.ts';
import { addDoctorOptions, isDoctor, printExamination } from './doctor-output.ts';
import { addFirewallCommand } from './firewall-command.ts';
import { programOptions } from './help-options.ts';
import { ANSWERS_EXAMPLE } from './init-answers.ts';
import { initialise, readAnswers, readAnswersOf } from './init-command.ts';
import { JOIN_ANSWERS_EXAMPLE, joinAnswersSchema } from './join-answers.ts';
import { addMembershipCommands } from './membership-commands.ts';
import { nextCommands } from './next-commands.ts';
import { nextStepsText } from './next-steps.ts';
import { addOperationCommand, describeGroups, readUser } from './operation-command.ts';
import { endWithOutput, goOnWithoutOutput, printOutput, runCommand, say } from './output.ts';
import { ownName, withOwnName } from './own-name.ts';
import { type Ports, portsText } from './ports-text.ts';
import { progressLine } from './progress.ts';
import { QUORUM_OPTION } from './quorum.ts';
import type { RestoreOptions } from './restore-command.ts';
import { enrolCommand, listensText, type ServeOptions, serve, untilSignal } from './serve-command.ts';
import { shellWord } from './shell-word.ts';
import { type State, stateText } from './state-text.ts';
import { type Status, statusText } from './status-text.ts';
import { usageAdvice } from './usage-advice.ts';
import { integerOf } from './whole-number.ts';
import { terminalColumns } from './width.ts';

const EXIT_HELP = `
Exit codes:
  0 done   1 failure   2 usage   3 not found   4 denied   5 conflict or locked   6 quorum not met   7 not running, busy
  9 warnings, 10 something is broken (doctor only)   130 left with Ctrl-C
`;

const program = new Command('kma')
  .description('OpenKMA: a Key Management Appliance. Every command works on the data directory of one KMA.')
  .version(VERSION, '--version', 'print the version')
  .option('--data <directory>', 'data directory', './kma-data')
  .option('--json', 'print JSON for programs: everything, nothing shortened')
  .configureHelp({ showGlobalOptions: true, visibleGlobalOptions: programOptions })
  .configureOutput({ outputError: () => undefined })
  .exitOverride()
  .commandsGroup('The appliance:')
  .addHelpText(
    'after',
    `
Passphrases come from files ("-": standard input) or are asked for; they are never arguments.
Tables leave out empty columns and shorten long IDs, except the first; --json does not. A table that is
wider than the terminal comes as a record for each row.
${EXIT_HELP}
Example:
  kma init --answers answers.json --data /var/lib/openkma
  kma serve --data /var/lib/openkma
`,
  );

const globals = (): { data: string; json: boolean } => {
  const { data, json } = program.opts<{ data: string; json?: boolean }>();
  return { data: resolve(data), json: json === true };
};

/** What a command that is copied from here has to name. */
const givenData = (): string | null =>
  program.getOptionValueSource('data') === 'cli' ? globals().data : null;

/** Where nothing is set up yet, and what asks no KMA. */
const WITHOUT_KMA: ReadonlySet<string> = new Set(['init', 'restore', 'verify', 'firewall']);

// Before anybody is asked for a passphrase.
program.hook('preAction', (_program, command) => {
  const { data } = globals();
  if (
    !WITHOUT_KMA.has(command.name()) &&
    !existsSync(join(data, 'kma.db')) &&
    !existsSync(join(data, 'adopted'))
  )
    throw new OpenKmaError('DATA_DIRECTORY_EMPTY', data);
});

program
  .command('init')
  .description('QuickStart: sets up the first KMA of a new cluster in an empty directory, or joins one')
  .option(
    '--answers <file>',
    'JSON file with the answers, "-" for standard input; asked for one by one otherwise',
  )
  .option(
    '--join <address>',
    'joins the cluster of this member, where the KMA has an entry ("member create")',
  )
  .option('--port-offset <n>', 'what that member adds to every port', integerOf(0, PORT_OFFSET_MAX), 0)
  .option('--ca-key <sha256>', '"Public key SHA256" of the root CA of that cluster; compared here otherwise')
  .option('--keep-locked', 'the KMA that joined stays locked until a quorum unlocks it')
  .addHelpText(
    'after',
    `\nExample:\n  kma init\n  kma init --answers answers.json\n\nThe answers file:\n${JSON.stringify(ANSWERS_EXAMPLE, null, 2)}\n\nThe answers file of a KMA that joins (kma init --join 192.0.2.10 --answers join.json):\n${JSON.stringify(JOIN_ANSWERS_EXAMPLE, null, 2)}\n\nA passphrase may stand in "passphrase" instead of a file; without either it is asked for.\n`,
  )
  .action(async (options: InitOptions) => {
    const { data, json } = globals();
    if (options.join !== undefined) return joinInto(data, json, options);
    if (options.answers === undefined) {
      assertDialoguePossible(json);
      const { guidedInit } = await import('./quickstart/guided-init.ts');
      const ended = await guidedInit(data);
      if (ended === 'join') return joinInto(data, json, options);
      if (ended === 'restore') return restoreInto(data, json);
      process.exitCode = ended;
      return;
    }
    await initInto(data, json, readAnswers(options.answers));
  });

async function initInto(data: string, json: boolean, answers: ReturnType<typeof readAnswers>): Promise<void> {
  const { kmaId, caPublicKeySha256 } = await initialise(data, answers);
  const made = { kmaId, publicKeySha256: caPublicKeySha256, dataDirectory: data };
  const officer = answers.securityOfficer.name;
  const unlockedBy = answers.autonomousUnlock ? null : shellWord(officer);
  if (json) return printOutput({ ...made, next: nextCommands(commandOn(data), answers, unlockedBy) }, true);
  printOutput(made, false);
  const columns = terminalColumns(process.stdout);
  process.stdout.write(
    nextStepsText({ ...answers, officer, dataDirectory: data, caPublicKeySha256 }, columns),
  );
}

interface InitOptions {
  readonly answers?: string;
  readonly join?: string;
  readonly portOffset: number;
  readonly caKey?: string;
  readonly keepLocked?: true;
}

async function joinInto(
  data: string,
  json: boolean,
  { answers, join, portOffset, caKey, keepLocked }: InitOptions,
): Promise<void> {
  if (answers === undefined) assertDialoguePossible(json);
  const { askJoinAnswers, askMember, joinCluster } = await import('./join-command.ts');
  const member = join === undefined ? await askMember() : { address: join, portOffset };
  const { knownCaKey } = await import('./okm/ca-key.ts');
  const given = answers === undefined ? await askJoinAnswers() : readAnswersOf(answers, joinAnswersSchema);
  const progress = progressLine(!json);
  const joined = await joinCluster(given, {
    dataDirectory: data,
    ...{ ...member, caKeySha256: knownCaKey(undefined, caKey) },
    keepLocked: keepLocked === true,
    step: json ? () => undefined : (text) => say(`${text} ...`),
    progress: progress.update,
  }).finally(progress.end);
  const unlockedBy = given.autonomousUnlock && keepLocked !== true ? null : 'NAME';
  const next = nextCommands(commandOn(data), given, unlockedBy);
  printOutput({ ...joined, dataDirectory: data, next }, json);
}

function assertDialoguePossible(json: boolean): void {
  const missing = "required option '--answers <file>' not specified";
  if (json) throw new OpenKmaError('USAGE', missing);
  if (!process.stdin.isTTY || !process.stdout.isTTY || process.env['TERM'] === 'dumb')
    throw new OpenKmaError('USAGE', `${missing}, and there is no terminal to ask on`);
}

program
  .command('serve')
  .description('runs the KMA in the foreground until Ctrl-C')
  .option('--listen <address>', 'address of both networks', '127.0.0.1')
  .option('--management-address <address>', 'address of the management network')
  .option('--service-address <address>', 'address of the service network')
  .option('--fronts <n>', 'front processes (default: one for each CPU)', integerOf(1, 64))
  .option('--front-user <name>', 'user that fronts become when started as root', 'nobody')
  .option(
    '--port-offset <n>',
    'added to every port, for a second KMA on one machine',
    integerOf(0, PORT_OFFSET_MAX),
    0,
  )
  .option(
    '--set-clock',
    'lets the KMA set the clock of the machine by its NTP server ("kma time set-server")',
  )
  .option('--backup-directory <directory>', 'where scheduled backups go ("kma backup-schedule")')
  .addHelpText(
    'after',
    '\nExample:\n  kma serve --data /var/lib/openkma --management-address 192.0.2.10 --service-address 198.51.100.10\n',
  )
  .action(async (options) => {
    const { data, json } = globals();
    goOnWithoutOutput();
    const { backupDirectory, ...places } = options;
    if (backupDirectory !== undefined)
      (await fetching()).targetDirectory({ dataDirectory: data, to: backupDirectory, say: logLine });
    const signal = untilSignal();
    // One that was rebooted, or was restored over the network and takes the place of the one that it was restored by.
    while (await servedUntil(signal, { ...places, data, log: logLine }, backupDirectory, json === true));
  });

/** Whether another one is to serve in its place. */
async function servedUntil(
  signal: Promise<NodeJS.Signals>,
  options: ServeOptions,
  backupDirectory: string | undefined,
  json: boolean,
): Promise<boolean> {
  const { data } = options;
  const kma = await serve(options);
  const locked = kma.locked();
  if (json) printOutput({ event: 'ready', locked, listens: kma.listens }, true);
  logLine(`listening on\n${listensText(kma.listens)}`);
  logLine(`agents enrol with: ${enrolCommand(kma.listens)}`);
  logLine(`ready${conditionOf(kma.errorState(), locked)}`);
  const schedule =
    backupDirectory === undefined
      ? null
      : (await import('./scheduled-backups.ts')).keepBackupSchedule({
          dataDirectory: data,
          to: backupDirectory,
          log: logLine,
        });
  const why = await Promise.race([signal, kma.ended]);
  schedule?.stop();
  if (why !== undefined) logLine(`${why}: stopping`);
  await kma.stop();
  logLine('stopped: all its processes have ended');
  // A signal ends a KMA for good, whatever was asked of it before.
  return (await servesAgain(kma.askedEnd(), data, logLine)) && why === undefined;
}

/** A command on this data directory, to be copied. */
function commandOn(data: string): string {
  return `${ownName('kma')} --data ${shellWord(data)}`;
}

function conditionOf(errorState: string | null, locked: boolean): string {
  if (errorState !== null)
    return withOwnName(', STOPPED: agents get no keys; "kma status" says why', givenData());
  return locked
    ? withOwnName(', LOCKED: agents get no keys until "kma unlock --user NAME"', givenData())
    : '';
}

/** Adds the options that name the user. */
function asUser(command: Command): Command {
  return command
    .option('--user <name>', 'who asks')
    .option(
      '--user-passphrase-file <file>',
      'file with that user\'s passphrase, "-" for standard input; asked for otherwise',
    );
}

/** Loaded by the commands that need it: reading X.509 and age takes longer than most commands. */
const fetching = () => import('./backup-commands.ts');

for (const [name, description, fetcher, apart] of [
  [
    'backup',
    'database backup: writes the pair of files, reads them back, and then keys become Ready (Backup Operator)',
    async () => (await fetching()).fetchBackup,
    ', and apart from the core security backup',
  ],
  [
    'core-security-backup',
    'core security backup: what a quorum opens all backups with (Security Officer)',
    async () => (await fetching()).fetchCoreSecurityBackup,
    ', and apart from the database backups',
  ],
] as const)
  asUser(program.command(name).description(description))
    .option('--to <directory>', 'where the files go; not inside the data directory')
    .addHelpText(
      'after',
      `\nExample:\n  kma ${name} --to /media/safe --user ${name === 'backup' ? 'backup-operator' : 'officer'}\n`,
    )
    .action(async (options: { to?: string; user?: string }) => {
      const { data, json } = globals();
      const to = needed(options.to, '--to <directory>');
      needed(options.user, '--user <name>');
      const user = await readUser(options);
      const fetch = await fetcher();
      const progress = progressLine(!json);
      const talk = json ? () => undefined : say;
      const request = { dataDirectory: data, to, user, say: talk };
      const made = await fetch(request, progress.update).finally(progress.end);
      printOutput(made, json);
      talk(
        `Written and read back. Keep ${made.files.length === 1 ? 'it' : 'them'} away from this machine${apart}.`,
      );
    });

/** By commander itself options are demanded of commands below too, and "kma backup verify" takes no user. */
function needed(given: string | undefined, option: string): string {
  if (given === undefined) throw new OpenKmaError('USAGE', `required option '${option}' not specified`);
  return given;
}

addMembershipCommands(program, { globals, commandOn });
addConsoleCommand(program, { globals, inOwnWords: (text) => withOwnName(text, givenData()) });
addFirewallCommand(program, globals);

addBackupVerify(
  program,
  'kma',
  () => globals().json,
  (report, shown) => {
    const { json } = globals();
    printOutput(json ? report : shown, json);
  },
);

program
  .command('restore')
  .description('restores a KMA from backup files into an empty data directory, with a quorum')
  .requiredOption('--core-security-backup <file>', 'the core security backup')
  .requiredOption('--backup <file>', 'OKM-Backup-....dat')
  .requiredOption('--backup-key <file>', 'OKM-BackupKey-....json of the same pair')
  .option(...QUORUM_OPTION)
  .option('--management-address <address>', 'address of this KMA on the management network', '127.0.0.1')
  .option('--service-address <address>', 'address of this KMA on the service network', '127.0.0.1')
  .addHelpText(
    'after',
    '\nExample:\n  kma restore --data ./restored --core-security-backup csb.json --backup OKM-Backup-1.dat --backup-key OKM-BackupKey-1.json\n',
  )
  .action((options: RestoreOptions) => restoreInto(globals().data, globals().json, options));

async function restoreInto(data: string, json: boolean, options?: RestoreOptions): Promise<void> {
  const { askRestoreOptions, restoreFromFiles } = await import('./restore-command.ts');
  const wanted = options ?? (await askRestoreOptions());
  const restored = await restoreFromFiles(data, wanted);
  printOutput({ ...restored, next: nextCommands(commandOn(data), wanted, 'NAME') }, json);
}

for (const operation of operations) {
  const command = addOperationCommand(program, operation, async (request) => {
    const { input, user, quorum } = request;
    const { data, json } = globals();
    const progress = progressLine(!json);
    const asked = { operation: operation.name, input, user, quorum };
    const output = await askOrThrow(data, asked, progress.update).finally(progress.end);
    if (operation === showStatus) printOutput(output, json, statusText(output as Status, givenData()));
    else if (operation === showState) printOutput(output, json, stateText(output as State));
    else if (operation === showPorts) printOutput(output, json, portsText(output as Ports));
    else if (isDoctor(operation)) printExamination(output, json, command?.opts()['verbose'] === true);
    else if (json || operation.command?.document === true) printOutput(output, true);
    else printOutput(withCommandsHere(output, givenData()), false);
    const more = json ? null : continuation(output);
    if (more !== null) say(more);
  });
  if (command !== null && isDoctor(operation)) addDoctorOptions(command);
}

describeGroups(program);
endWithOutput();
await runCommand(
  process.argv.includes('--json'),
  () => program.parseAsync(),
  (code, advice) =>
    code === 'USAGE' ? usageAdvice(program, process.argv.slice(2)) : withOwnName(advice, givenData()),
);
