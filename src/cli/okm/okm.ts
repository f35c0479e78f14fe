/** The command of administrators elsewhere: logs in over ports 3331 and 3332, asks over 3333. Its commands are made from the catalogue, with some of their own beside it. */
import { Command } from 'commander';
import { OpenKmaError } from '../../errors.ts';
import { VERSION } from '../../version.ts';
import { programOptions } from '../help-options.ts';
import { runCommand } from '../output.ts';
import { usageAdvice } from '../usage-advice.ts';
import { addAgentImport } from './agents-from-csv.ts';
import { addBackup } from './backup.ts';
import { addOkmBackupVerify } from './backup-verify.ts';
import { addCatalogueCommands } from './catalogue-commands.ts';
import { addCertificateSave } from './certificate-save.ts';
import { addCompletionCommand } from './completion.ts';
import { addCoreSecurityBackup } from './core-security-backup.ts';
import { textOf } from './dialect.ts';
import { addDoctorCommand } from './doctor.ts';
import { addGlobals, type Globals } from './globals.ts';
import { addKmasCommand } from './kmas.ts';
import { addPendingCommands } from './pending.ts';
import { addProfileCommands } from './profile-commands.ts';
import { addRestore } from './restore.ts';
import { assertWritable } from './result-file.ts';
import { addScriptCommands } from './script/script-commands.ts';
import { addSessionCommands } from './session-commands.ts';

const EXIT_HELP = `
Exit codes:
  0 done   1 failure   2 usage   3 not found   4 denied   5 conflict or locked   6 quorum not met   7 no answer, busy
  8 accepted, and waits for the approvals of a quorum
`;

/** The whole program, for running it and for its documentation. */
export function okmProgram(): Command {
  const program = new Command('okm')
    .description('Runs a KMA from another computer.')
    .version(VERSION, '--version', 'print the version')
    .configureHelp({ showGlobalOptions: true, visibleGlobalOptions: programOptions })
    .configureOutput({ outputError: () => undefined })
    .exitOverride()
    .commandsGroup('Commands:')
    .addHelpText(
      'after',
      `
Passphrases come from files ("-": standard input) or are asked for; they are never arguments.
Tables leave out empty columns and shorten long IDs, except the first; --json and --tsv do not.
${EXIT_HELP}
Example:
  okm profile create berlin --kma kma1.example.org
  okm login olga
  okm agent list
`,
    );
  addGlobals(program);
  const globals = () => program.opts<Globals>();
  const changing = new Set<Command>();
  program.hook('preAction', (_program, command) => {
    const { output, ifMatch } = globals();
    if (ifMatch !== undefined && !changing.has(command))
      throw new OpenKmaError(
        'USAGE',
        `"${command.name()}" takes no --if-match: it changes nothing, or several things`,
      );
    if (output !== undefined) assertWritable(output);
  });
  addProfileCommands(program, globals);
  addSessionCommands(program, globals);
  addKmasCommand(program, globals);
  addDoctorCommand(program, globals);
  addCompletionCommand(program);
  addPendingCommands(program, globals);
  addAgentImport(program, globals);
  addBackup(program, globals);
  addRestore(program, globals);
  addOkmBackupVerify(program, globals);
  addCoreSecurityBackup(program, globals);
  addCertificateSave(program, globals);
  for (const command of addCatalogueCommands(program, globals)) changing.add(command);
  addScriptCommands(program, globals);
  return program;
}

export function runOkm(argv: readonly string[]): Promise<void> {
  const program = okmProgram();
  return runCommand(
    argv.includes('--json'),
    () => program.parseAsync(argv, { from: 'user' }),
    (code, advice) => (code === 'USAGE' ? usageAdvice(program, argv) : textOf(advice)),
  );
}
