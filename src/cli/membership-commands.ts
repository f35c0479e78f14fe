/** The appliance commands with which a KMA that was set up comes back to its cluster, or goes back to before QuickStart. What they do is in files of their own. */
import type { Command } from 'commander';
import { OpenKmaError } from '../errors.ts';
import { PORT_OFFSET_MAX } from '../ports.ts';
import { readAnswersOf } from './init-command.ts';
import { serveWords } from './next-commands.ts';
import { readUser } from './operation-command.ts';
import { printOutput, say } from './output.ts';
import { promptName } from './passphrases.ts';
import { REJOIN_ANSWERS_EXAMPLE, rejoinAnswersSchema } from './rejoin-answers.ts';
import type { Rejoined } from './rejoin-command.ts';
import { integerOf } from './whole-number.ts';

/** What the program knows of where it works. */
interface Place {
  readonly globals: () => { readonly data: string; readonly json: boolean };
  /** A command on that data directory, to be copied. */
  readonly commandOn: (data: string) => string;
}

const REJOIN_HELP = `
The KMA may be stopped, or serve. A quorum of the key split, as this KMA knows it, has to agree.

Example:
  kma rejoin 192.0.2.10 --data /var/lib/openkma
  kma rejoin 192.0.2.10 --answers rejoin.json

The answers file:
${JSON.stringify(REJOIN_ANSWERS_EXAMPLE, null, 2)}

A passphrase may stand in "passphrase" instead of a file; without either it is asked for.
`;

const RESET_HELP = `
Everything of this KMA on this machine goes: the data directory, its unlock key, what a join has left beside it.
Delete its entry at another KMA first ("kma member delete NAME --as retired"). --zeroise writes over each file
before; flash memory and file systems that copy on write keep old bytes all the same, so encrypt or destroy such disks.
One that runs is ended and reset by "kma factory-reset NAME", or in "kma console".

Example:
  kma reset --zeroise --user officer --data /var/lib/openkma
`;

export function addMembershipCommands(program: Command, place: Place): void {
  addRejoin(program, place);
  addReset(program, place);
}

function addRejoin(program: Command, { globals, commandOn }: Place): void {
  program
    .command('rejoin')
    .description(
      'logs this KMA back in to its cluster, with the passphrase that was set for it at another KMA',
    )
    .argument('<member>', 'address of a member of the cluster')
    .option('--answers <file>', 'JSON file with the answers, "-" for standard input; asked for otherwise')
    .option('--port-offset <n>', 'what that member adds to every port', integerOf(0, PORT_OFFSET_MAX), 0)
    .addHelpText('after', REJOIN_HELP)
    .action(async (address: string, options: { readonly answers?: string; readonly portOffset: number }) => {
      const { data, json } = globals();
      const { askRejoinAnswers, enteredAddresses, rejoin } = await import('./rejoin-command.ts');
      const { answers: file, portOffset } = options;
      const answers =
        file === undefined ? await askRejoinAnswers() : readAnswersOf(file, rejoinAnswersSchema);
      const step = json ? () => undefined : (text: string) => say(`${text} ...`);
      const done = await rejoin(answers, { dataDirectory: data, address, portOffset, step });
      const next = done.serving ? nextOf(done) : serveWords(enteredAddresses(data)).join(' ');
      printOutput({ ...done, next: `${commandOn(data)} ${next}` }, json);
    });
}

function nextOf({ caughtUp }: Rejoined): string {
  return caughtUp ? 'member list --user NAME' : 'status; no member has answered on port 3336 yet';
}

interface ResetOptions {
  readonly zeroise?: true;
  readonly confirm?: string;
}

function addReset(program: Command, { globals, commandOn }: Place): void {
  program
    .command('reset')
    .description('takes this KMA, which must not run, back to before QuickStart (Security Officer)')
    .option('--zeroise', 'writes over every file before it is removed')
    .requiredOption('--user <name>', 'who asks')
    .option(
      '--user-passphrase-file <file>',
      'file with that user\'s passphrase, "-" for standard input; asked for otherwise',
    )
    .option('--confirm <kma>', 'the name of this KMA, for scripts; it is asked for otherwise')
    .addHelpText('after', RESET_HELP)
    .action(async (options: ResetOptions & Readonly<Record<string, unknown>>) => {
      const { data, json } = globals();
      const { reset } = await import('./reset-command.ts');
      const done = await reset({
        dataDirectory: data,
        zeroise: options.zeroise === true,
        user: async () => (await readUser(options)) ?? missing('--user <name>'),
        confirm: (kma, stillMember) =>
          options.confirm === undefined
            ? confirmed(kma, data, stillMember)
            : Promise.resolve(options.confirm),
      });
      printOutput({ ...done, next: `${commandOn(data)} init` }, json);
    });
}

function confirmed(kma: string, data: string, stillMember: boolean): Promise<string> {
  say(`Everything of ${kma} in ${data} is removed for good.`);
  if (stillMember) say('Others still take it for a member: delete its entry at one of them first.');
  return promptName(`type ${kma} to go on`, '--confirm');
}

function missing(option: string): never {
  throw new OpenKmaError('USAGE', `required option '${option}' not specified`);
}
