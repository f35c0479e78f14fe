/** What the dialogue of QuickStart says at its beginning, in between and at its end. It asks and makes nothing. */
import { nextSteps } from '../next-steps.ts';
import type { Answers } from './questions.ts';
import type { Terminal } from './terminal.ts';

const BULLET = '  - ';
const INDENT = '     ';

export function sayWelcome(terminal: Terminal, dataDirectory: string): void {
  terminal.say('QuickStart: sets this KMA up', 'bold');
  sayChoices(terminal, [
    'the first KMA of a new cluster',
    'joins the cluster of another KMA, where it has an entry ("kma member create")',
    'restores a KMA from its backup files',
  ]);
  terminal.sayWhole('');
  terminal.say(
    'The first makes the root key material and splits it among key holders, makes the root CA, and creates the first Security Officer. It runs once.',
  );
  terminal.say('The KMA will be in:');
  terminal.sayWhole(`  ${dataDirectory}`);
  terminal.sayWhole('');
  terminal.say(
    'A new cluster takes about a minute for each person and five for the rest. Who must be present:',
  );
  terminal.say(
    'every key holder, 1 to 10 persons. Together they unlock and restore the KMA.',
    undefined,
    BULLET,
  );
  terminal.say('the first Security Officer, who creates the other users.', undefined, BULLET);
  terminal.say(
    'Each of them types a passphrase of their own, which nobody else sees. Have at hand the addresses of this machine on its management and service networks, and a name for the KMA.',
  );
  terminal.sayWhole('');
  terminal.say('Nothing is made before you have seen and confirmed a summary. Ctrl-C leaves.');
}

export function sayInterrupted(terminal: Terminal): void {
  terminal.say('Stopped. Nothing has been made.', 'bold');
  sayChoices(terminal, [
    'begin again; all that was typed is forgotten',
    'go on where you were',
    'leave (Ctrl-C once more does the same)',
  ]);
}

export function sayChoices(terminal: Terminal, choices: readonly string[]): void {
  const digits = String(choices.length).length;
  for (const [index, text] of choices.entries())
    terminal.say(text, undefined, `  ${String(index + 1).padStart(digits)}  `);
}

export interface Made {
  readonly dataDirectory: string;
  readonly answers: Answers;
  readonly kmaId: string;
  readonly caPublicKeySha256: string;
}

export function sayWhatToWriteDown(terminal: Terminal, made: Made): void {
  const holders = holderNames(made.answers);
  terminal.sayWhole('');
  terminal.say('Write down, and keep with the papers of this KMA:', 'bold');
  for (const [label, value] of [
    ['KMA', `${text(made, 'kmaName')}, ID ${made.kmaId}`],
    [
      'Key holders',
      `${holders.join(', ')}; ${text(made, 'threshold')} of ${holders.length} must come together`,
    ],
    ['Security Officer', text(made, 'officer.name')],
  ] as const)
    terminal.say(value, undefined, `  ${label.padEnd(18)}`);
  terminal.say("  SHA-256 of the root CA's public key:");
  terminal.sayWhole(`  ${made.caPublicKeySha256}`);
  terminal.say(
    'Give this fingerprint to those who run the agents, on paper or by telephone, so that an agent can tell this KMA from another.',
  );
  terminal.say(
    `Nobody can look a passphrase up. If fewer than ${text(made, 'threshold')} key holders know theirs, no backup can be opened any more.`,
  );
}

export function sayNextCommands(terminal: Terminal, made: Made): void {
  terminal.sayWhole('');
  terminal.say('What to do next:', 'bold');
  const { dataDirectory, caPublicKeySha256 } = made;
  const steps = nextSteps({
    ...{ dataDirectory, caPublicKeySha256 },
    managementAddress: text(made, 'managementAddress'),
    serviceAddress: text(made, 'serviceAddress'),
    autonomousUnlock: text(made, 'autonomousUnlock') === 'yes',
    officer: text(made, 'officer.name'),
  });
  for (const [index, { what, commands }] of steps.entries()) {
    terminal.say(what, undefined, `  ${index + 1}. `);
    for (const words of commands) terminal.sayCommand(words, INDENT);
  }
}

function holderNames(answers: Answers): string[] {
  const size = Number(answers.get('keySplitSize'));
  return Array.from({ length: size }, (_, index) => String(answers.get(`holder.${index + 1}.name`)));
}

function text({ answers }: Made, id: string): string {
  return String(answers.get(id));
}
