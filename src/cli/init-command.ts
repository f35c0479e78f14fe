/** "kma init": QuickStart mode 1 from an answers file; passphrases come from files or the terminal, never from arguments. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { isRefusal } from '../core/refusal.ts';
import { OpenKmaError } from '../errors.ts';
import type { Credential } from '../operations/operation.ts';
import { SecretBytes } from '../security/secret-bytes.ts';
import { runQuickStart } from '../setup/run-quickstart.ts';
import { promptPassphrase, readPassphraseFile } from './passphrases.ts';

/** A person: the passphrase in the answers file itself (0600), or in a file of its own; asked for otherwise. */
const person = z.strictObject({
  name: z.string().min(1).max(64),
  passphrase: z.string().optional(),
  passphraseFile: z.string().optional(),
});

/** The answers of QuickStart in the order of the product reference's 2.1 (a). */
const answersSchema = z.strictObject({
  kmaName: z.string(),
  managementAddress: z.string().default('127.0.0.1'),
  serviceAddress: z.string().default('127.0.0.1'),
  minimumTls: z.enum(['1.0', '1.1', '1.2', '1.3']).default('1.2'),
  threshold: z.int(),
  credentials: z.array(person).min(1).max(10),
  securityOfficer: person,
  autonomousUnlock: z.boolean().default(false),
  keyPoolSize: z.int().default(1000),
  digest: z.enum(['SHA-256', 'SHA-1']).default('SHA-256'),
});
export type InitAnswers = z.input<typeof answersSchema>;

export const ANSWERS_EXAMPLE: InitAnswers = {
  kmaName: 'kma1',
  managementAddress: '192.0.2.10',
  serviceAddress: '198.51.100.10',
  minimumTls: '1.2',
  threshold: 2,
  credentials: [
    { name: 'keyholder-1', passphraseFile: '/secure/keyholder-1' },
    { name: 'keyholder-2', passphraseFile: '/secure/keyholder-2' },
    { name: 'keyholder-3', passphraseFile: '/secure/keyholder-3' },
  ],
  securityOfficer: { name: 'officer', passphraseFile: '/secure/officer' },
  autonomousUnlock: false,
  keyPoolSize: 1000,
  digest: 'SHA-256',
};

/** Reads the file ("-": standard input); a mistake is named with its place. */
export function readAnswers(path: string): InitAnswers {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path === '-' ? 0 : path, 'utf8'));
  } catch (error) {
    throw new OpenKmaError(
      'USAGE',
      `${path}: ${error instanceof Error ? error.message.slice(0, 100) : 'cannot be read'}`,
    );
  }
  const parsed = answersSchema.safeParse(content);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new OpenKmaError('USAGE', `${path}: ${issue?.path.join('.')}: ${issue?.message}`);
}

export async function initialise(
  dataDirectory: string,
  given: InitAnswers,
): Promise<{ readonly kmaId: string }> {
  const answers = answersSchema.parse(given);
  const credentials: Credential[] = [];
  for (const holder of answers.credentials) credentials.push(await credentialOf(holder));
  const result = await runQuickStart({
    ...answers,
    dataDirectory,
    credentials,
    officer: await credentialOf(answers.securityOfficer),
  });
  if (isRefusal(result)) throw new OpenKmaError(result.refused, result.detail);
  return result;
}

async function credentialOf({
  name,
  passphrase,
  passphraseFile,
}: z.infer<typeof person>): Promise<Credential> {
  const text =
    passphrase ??
    (passphraseFile === undefined ? await typedTwice(name) : readPassphraseFile(passphraseFile));
  return { name, passphrase: SecretBytes.fromText(text) };
}

async function typedTwice(name: string): Promise<string> {
  const first = await promptPassphrase(`new passphrase of ${name}`);
  if (first !== (await promptPassphrase('the same again')))
    throw new OpenKmaError('USAGE', 'the two passphrases differ');
  return first;
}
