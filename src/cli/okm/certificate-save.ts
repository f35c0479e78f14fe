/** "okm certificate save": makes a key here, has the KMA sign it, and writes both to a file for scripts. The key leaves this computer only in that file. */
import type { Command } from 'commander';
import { z } from 'zod';
import type { Manager } from '../../client/manager.ts';
import { makeRequestedKey } from '../../client/own-certificate.ts';
import { type FileParts, pemFile, writeNewFile } from '../../client/saved-certificate.ts';
import { OpenKmaError } from '../../errors.ts';
import { say } from '../output.ts';
import { promptNewPassphrase, readPassphraseFile } from '../passphrases.ts';
import { integerOf } from '../whole-number.ts';
import { Connection } from './connection.ts';
import type { Globals } from './globals.ts';
import { operationNamed } from './operation-named.ts';
import { printResult } from './result.ts';

interface SaveOptions {
  readonly out: string;
  readonly pkcs12?: boolean;
  readonly passphraseFile?: string;
  readonly days?: number;
  readonly description?: string;
  readonly monitoring?: boolean;
}

const DAYS_MAX = 3650;
/** Programs do not agree on how other characters become bytes. */
const PKCS12_PASSPHRASE = /^[\x20-\x7e]{8,64}$/;
const caller = z.looseObject({ user: z.string() });
const signed = z.looseObject({ certificatePem: z.string(), rootCaPem: z.string() });

/** To be added before the commands of the catalogue, which share the group. */
export function addCertificateSave(program: Command, globals: () => Globals): void {
  program
    .command('certificate')
    .helpGroup('Each with commands of its own:')
    .command('save')
    .description(
      'Saves a certificate of your own with its key, for scripts: "okm --usercert FILE" needs no log-in.',
    )
    .requiredOption('--out <file>', 'where it goes; must not be there yet')
    .option('--pkcs12', 'as PKCS#12 under a passphrase; PEM, which only its owner may read, otherwise')
    .option(
      '--passphrase-file <file>',
      'passphrase of the PKCS#12 file, "-" for standard input; asked for otherwise',
    )
    .option('--days <n>', 'how long it counts; a year otherwise', integerOf(1, DAYS_MAX))
    .option('--description <text>', 'what it is for')
    .option('--monitoring', 'may read the metrics and nothing else (Security Officer)')
    .addHelpText('after', '\nExample:\n  okm certificate save --out olga.pem --days 90\n')
    .action(async (options: SaveOptions) => {
      const connection = new Connection(globals());
      const user = await connection.user();
      const passphrase = options.pkcs12 === true ? await filePassphrase(options) : null;
      printResult(await connection.use(user, (manager) => saved(manager, options, passphrase)), globals());
      if (passphrase === null) say('Who can read the file can act in your name. Keep it private.');
    });
}

async function saved(manager: Manager, options: SaveOptions, passphrase: string | null): Promise<object> {
  const { out, monitoring, days, description } = options;
  const { user } = caller.parse((await manager.call(operationNamed('ShowSession'), {})).output);
  const { privateKeyPem, requestPem } = await makeRequestedKey(user);
  const operation = operationNamed(monitoring === true ? 'IssueMonitoringCertificate' : 'SaveOwnCertificate');
  const chosen = {
    ...(days === undefined ? {} : { days }),
    ...(description === undefined ? {} : { description }),
  };
  return writeNewFile(out, async () => {
    const { output } = await manager.call(operation, { request: requestPem, ...chosen });
    const { certificatePem, rootCaPem, ...shown } = signed.parse(output);
    const parts = { privateKeyPem, certificatePem, rootCaPem };
    const bytes = passphrase === null ? pemFile(parts) : await pkcs12File(parts, passphrase);
    return { bytes, result: { file: out, ...shown } };
  });
}

async function filePassphrase({ out, passphraseFile }: SaveOptions): Promise<string> {
  const passphrase =
    passphraseFile === undefined
      ? await promptNewPassphrase(`passphrase of ${out}`, '--passphrase-file')
      : readPassphraseFile(passphraseFile);
  if (!PKCS12_PASSPHRASE.test(passphrase))
    throw new OpenKmaError('USAGE', 'a passphrase of PKCS#12 has 8 to 64 characters of plain ASCII');
  return passphrase;
}

/** The package is large, and no other command needs it. */
async function pkcs12File(parts: FileParts, passphrase: string): Promise<Uint8Array> {
  const { toPkcs12 } = await import('../../client/pkcs12.ts');
  return toPkcs12(parts, passphrase);
}
