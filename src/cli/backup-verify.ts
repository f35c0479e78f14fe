/** The words "backup verify" of both commands: asks for the quorum, verifies the files where they lie, and says what was found. It asks no KMA. */
import { tmpdir } from 'node:os';
import { type Command, InvalidArgumentError } from 'commander';
import type { VerifiedBackup } from '../backup/verify/verify.ts';
import { isRefusal } from '../core/refusal.ts';
import { OpenKmaError } from '../errors.ts';
import type { Credential } from '../operations/operation.ts';
import { SecretBytes } from '../security/secret-bytes.ts';
import { countText } from './cell-text.ts';
import { say } from './output.ts';
import { progressLine } from './progress.ts';
import { QUORUM_OPTION, readQuorum } from './quorum.ts';
import { integerOf } from './whole-number.ts';

const SAMPLE = { default: 100, max: 1_000_000 } as const;
const ALL = 'all';

interface VerifyOptions {
  readonly sample: number | typeof ALL;
  readonly scratch: string;
  readonly quorumFile?: string;
}

/** `print` gets the whole report, and the same as people read it. */
type PrintVerified = (report: VerifiedBackup, shown: object) => void;

/** Below "backup" of the program `name`, which has to be there; `quiet`: for programs, which want no talk. */
export function addBackupVerify(
  program: Command,
  name: 'kma' | 'okm',
  quiet: () => boolean,
  print: PrintVerified,
): void {
  const backup = program.commands.find((command) => command.name() === 'backup');
  if (backup === undefined) throw new TypeError('there is no command "backup"');
  backup
    .command('verify')
    .description(
      'Opens the files of a backup with a quorum, proves that they restore and that keys decrypt, and says how long it takes.',
    )
    .argument('<files...>', 'backup file, backup key file and a core security backup, in any order')
    .option('--sample <n>', `keys to open, of every group and state; "${ALL}"`, sampleOf, SAMPLE.default)
    .option('--scratch <directory>', 'where it is decrypted, and removed again at the end', tmpdir())
    .option(...QUORUM_OPTION)
    .addHelpText(
      'after',
      `
No KMA is asked, and nothing is written outside the scratch directory. The minutes are those of a restore
where it lies on a disk like that of a KMA.

Example:
  ${name} backup verify OKM-Backup-1.dat OKM-BackupKey-1.json OKM-CoreSecurity-1.json --quorum-file quorum.txt
`,
    )
    .action(async (files: string[], options: VerifyOptions) => {
      const report = await verified(files, options, quiet());
      print(report, shownToPeople(report));
      if (!quiet()) say(verdictOf(report));
    });
}

async function verified(
  files: readonly string[],
  { sample, scratch, quorumFile }: VerifyOptions,
  quiet: boolean,
): Promise<VerifiedBackup> {
  const { verifyBackup } = await import('../backup/verify/verify.ts');
  // What is left is guessed for each step by itself.
  let line = progressLine(!quiet);
  const step = (text: string) => {
    line.end();
    if (!quiet) say(`${text} ...`);
    line = progressLine(!quiet);
  };
  const progress = (done: number, total: number, text: string) => line.update(done, total, text);
  const quorum = () => credentials(quorumFile);
  const request = { files, quorum, sample, scratch, step, note: say, progress };
  const result = await verifyBackup(request).finally(() => line.end());
  if (isRefusal(result)) throw new OpenKmaError(result.refused, result.detail);
  return result;
}

async function credentials(quorumFile: string | undefined): Promise<readonly Credential[]> {
  const given = await readQuorum(quorumFile);
  return given.map(({ name, passphrase }) => ({ name, passphrase: SecretBytes.fromText(passphrase) }));
}

function sampleOf(text: string): number | typeof ALL {
  if (text === ALL) return ALL;
  try {
    return integerOf(1, SAMPLE.max)(text);
  } catch {
    throw new InvalidArgumentError(`1 to ${SAMPLE.max}, or "${ALL}"`);
  }
}

/** Lists within the record as lines. */
function shownToPeople({ keysByState, sample, steps, ...report }: VerifiedBackup): object {
  return {
    ...report,
    keysByState: Object.entries(keysByState).map(([state, keys]) => `${state} ${keys}`),
    sample: sample.map(
      ({ group, state, keys, opened }) =>
        `${group === '' ? 'no group' : group}, ${state}: ${opened} of ${keys}`,
    ),
    steps: steps.map(({ step, seconds, restore }) => `${step}: ${seconds} s${restore ? '' : ', here only'}`),
  };
}

function verdictOf(report: VerifiedBackup): string {
  const { newestRecordAt, opened, minutesToRestore, keySplitIs, auditChainsNotIntact } = report;
  const people =
    keySplitIs === 'that of the backup'
      ? ''
      : '\nAfter a restore the key split of the backup counts, which is not the one that opened it here.';
  const audit =
    auditChainsNotIntact === 0
      ? ''
      : `\nAudit of other KMAs or of earlier lives is not as it was written: ${countText(auditChainsNotIntact, 'chain')}.`;
  return `Sound: ${countText(opened, 'key')} opened. Whatever happened after ${newestRecordAt} is not in it.${people}${audit}
A restore takes about ${countText(minutesToRestore, 'minute')}, without bringing files and key holders together.`;
}
