/** What comes after QuickStart, step by step up to the enrolment of the first agent, with the names and addresses that were given. It runs and prints nothing. */
import { serveWords } from './next-commands.ts';
import { ownName } from './own-name.ts';
import { paragraph } from './paragraph.ts';
import { addressWord, shellWord } from './shell-word.ts';

export interface Founded {
  readonly dataDirectory: string;
  readonly managementAddress: string;
  readonly serviceAddress: string;
  readonly autonomousUnlock: boolean;
  /** The first Security Officer. */
  readonly officer: string;
  readonly caPublicKeySha256: string;
}

interface Step {
  readonly what: string;
  /** Of each the words, an option and its value as one. */
  readonly commands: readonly (readonly string[])[];
}

export function nextSteps(made: Founded): Step[] {
  const officer = `--user ${shellWord(made.officer)}`;
  const kma = [ownName('kma'), `--data ${shellWord(made.dataDirectory)}`];
  const unlocking = {
    what: 'In another terminal, now and after each start, a quorum unlocks it:',
    commands: [[...kma, 'unlock', officer]],
  };
  return [
    { what: 'Start the KMA:', commands: [[...kma, ...serveWords(made)]] },
    ...(made.autonomousUnlock ? [] : [unlocking]),
    {
      what: 'Take the core security backup, with which a quorum opens all backups. Put it on a medium that leaves this machine and lies in a safe, apart from the database backups; take a new one whenever the key split changes:',
      commands: [[...kma, 'core-security-backup', '--to /media/safe', officer]],
    },
    {
      what: 'Create the other users, each with a quorum:',
      commands: USERS.map(([name, role]) => [...kma, 'user create', name, `--roles ${role}`, officer]),
    },
    {
      what: 'Take a database backup on another medium, which makes keys Ready; and again whenever "status" asks for it:',
      commands: [[...kma, 'backup', '--to /media/backups', '--user backups']],
    },
    { what: 'Say how long keys live, and which agent gets which:', commands: agentCommands(kma) },
    { what: 'On the machine of the agent:', commands: [enrolment(made)] },
  ];
}

const USERS = [
  ['compliance', 'COMPLIANCE_OFFICER'],
  ['operator', 'OPERATOR'],
  ['backups', 'BACKUP_OPERATOR'],
] as const;

function agentCommands(kma: readonly string[]): string[][] {
  const compliance = '--user compliance';
  const periods = ['--encryption-period 2y', '--cryptoperiod 10y'];
  return [
    [...kma, 'policy create tapes', ...periods, compliance],
    [...kma, 'group create tapes-2026', '--policy tapes', compliance],
    [...kma, 'agent create drive-1', '--user operator'],
    [...kma, 'group assign drive-1 tapes-2026', '--default', compliance],
  ];
}

function enrolment({ serviceAddress, caPublicKeySha256 }: Founded): string[] {
  return [
    ...[ownName('okm-agent'), 'enroll', `--kma ${addressWord(serviceAddress)}`, '--agent drive-1'],
    `--ca-key ${caPublicKeySha256}`,
  ];
}

const INDENT = '     ';

/** Under the result of a command; text is as wide as `columns`, and each command one line, to be copied. */
export function nextStepsText(made: Founded, columns: number): string {
  const lines = nextSteps(made).flatMap(({ what, commands }, index) => [
    ...paragraph(what, columns, `  ${index + 1}. `),
    ...commands.map((words) => `${INDENT}${words.join(' ')}`),
  ]);
  return `\nWhat to do next:\n${lines.join('\n')}\n`;
}
