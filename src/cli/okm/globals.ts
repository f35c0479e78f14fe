/** The options that every command of okm takes, and what they mean when they are not given. It reads no file. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { PORT_OFFSET_MAX } from '../../ports.ts';
import { integerOf } from '../whole-number.ts';

export interface Globals {
  readonly profile?: string;
  readonly kma?: string;
  readonly portOffset?: number;
  readonly user?: string;
  readonly userPassphraseFile?: string;
  readonly usercert?: string;
  readonly usercertPassphraseFile?: string;
  readonly cacert?: string;
  readonly caKey?: string;
  readonly timeout: number;
  readonly retries: number;
  readonly ifMatch?: string;
  readonly force?: boolean;
  readonly verbose?: boolean;
  readonly json?: boolean;
  readonly tsv?: boolean;
  readonly output?: string;
  readonly all?: boolean;
}

const TIMEOUT_S = { default: 60, max: 3_600 } as const;
const VERSION = /^[0-9a-f]{16}$/;
const RETRIES = { default: 3, max: 1_000 } as const;

export function addGlobals(program: Command): void {
  program
    .option(
      '--profile <name>',
      'the cluster; not needed where there is one profile (or OKM_PROFILE names it)',
    )
    .option('--kma <address>', 'another KMA than that of the profile; without a profile give --cacert too')
    .option(
      '--port-offset <n>',
      'what the KMA adds to every port, where it was started so',
      integerOf(0, PORT_OFFSET_MAX),
    )
    .option('--user <name>', 'for this command alone: logs in, asks, logs out')
    .option(
      '--user-passphrase-file <file>',
      'file with that user\'s passphrase, "-" for standard input; asked for otherwise',
    )
    .addOption(
      new Option(
        '--usercert <file>',
        'asks with this saved certificate, PEM or PKCS#12, without a log-in',
      ).conflicts('user'),
    )
    .option(
      '--usercert-passphrase-file <file>',
      'file with the passphrase of a PKCS#12 file, "-" for standard input; asked for otherwise',
    )
    .option('--cacert <file>', 'root CA certificate of the cluster, as PEM')
    .option(
      '--ca-key <sha256>',
      'key that the root CA must have: "Public key SHA256" of "kma root-ca show" at the appliance',
    )
    .option('--timeout <s>', 'how long to wait for an answer', integerOf(1, TIMEOUT_S.max), TIMEOUT_S.default)
    .option(
      '--retries <n>',
      'further attempts where the KMA is busy',
      integerOf(0, RETRIES.max),
      RETRIES.default,
    )
    .option(
      '--if-match <version>',
      'change only what still has this version, as --verbose showed it',
      version,
    )
    .addOption(
      new Option('--force', 'change what there is, also where somebody changes it at this moment').conflicts(
        'ifMatch',
      ),
    )
    .option('--verbose', 'say what is done, on standard error')
    .option('--json', 'print JSON for programs: everything, nothing shortened')
    .option('--tsv', 'print tab-separated columns with a heading')
    .option('--all', 'the whole of a list that comes in pages; with --json one row a line')
    .option('--output <file>', 'write the result to this file, which only its owner may read');
}

function version(text: string): string {
  if (!VERSION.test(text)) throw new InvalidArgumentError('a version is 16 hex digits');
  return text;
}
