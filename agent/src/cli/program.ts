/** The commands and global options of okm-agent, put together; it runs none of them. */
import { Command } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import { addClusterCommands } from './cluster-commands.ts';
import { numberBetween } from './context.ts';
import { addDataUnitCommands } from './data-unit-commands.ts';
import { addDoctorCommand } from './doctor-command.ts';
import { addEnrollCommand } from './enroll-command.ts';
import { EXIT_CODES_HELP } from './exit-codes.ts';
import { addKeyCommands } from './key-commands.ts';
import { addStreamCommands } from './stream-commands.ts';

const TIMEOUT_SECONDS_MAX = 3_600;
const FAILOVER_LIMIT_MAX = 1_000_000;

export function buildProgram(): Command {
  // What subcommands inherit is set before they are added.
  const program = new Command('okm-agent').exitOverride().showHelpAfterError('(--help tells more)');
  program
    .description(
      'An agent of the OKM protocol: enrols with KMAs, gets keys, encrypts and decrypts with them.',
    )
    .version(manifest.version)
    .option(
      '--profile <name|directory>',
      'a name below ~/.okm-agent or $XDG_CONFIG_HOME/okm-agent, or a directory (with a slash)',
      'default',
    )
    .option('--json', 'JSON on standard output; errors as JSON on standard error', false)
    .option(
      '--timeout <seconds>',
      'time for one attempt at one KMA',
      numberBetween(0.001, TIMEOUT_SECONDS_MAX, false),
    )
    .option(
      '--failover-limit <number>',
      'how many more attempts may follow a failed one; -1: without limit',
      numberBetween(-1, FAILOVER_LIMIT_MAX, true),
    )
    .addHelpText('after', EXIT_CODES_HELP);
  addEnrollCommand(program);
  addClusterCommands(program);
  addDataUnitCommands(program);
  addKeyCommands(program);
  addStreamCommands(program);
  addDoctorCommand(program);
  return program;
}
