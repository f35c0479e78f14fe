/** "kma init": QuickStart mode 1 from an answers file; passphrases come from files or the terminal, never from arguments. */
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { z } from 'zod';
import { isRefusal } from '../core/refusal.ts';
import { OpenKmaError } from '../errors.ts';
import type { Credential } from '../operations/operation.ts';
import { MINIMUM_TLS } from '../operations/quickstart.ts';
import { SecretBytes } from '../security/secret-bytes.ts';
import { promptNewPassphrase, readPassphraseFile, readStandardInput } from './passphrases.ts';

const USER_ID_MAX = 64;
const userId = z
  .string()
  .refine((text) => text.length >= 1 && text.length <= USER_ID_MAX, `1 to ${USER_ID_MAX} characters`);
const address = z.string().refine((text) => isIP(text) !== 0, 'an IPv4 or IPv6 address is needed');

/** A person: the passphrase in the answers file itself (0600), or in a file of its own; asked for otherwise. */
const person = z
  .strictObject({
    name: userId,
    passphrase: z.string().min(1).optional(),
    passphraseFile: z.string().min(1).optional(),
  })
  .refine(
    ({ passphrase, passphraseFile }) => passphrase === undefined || passphraseFile === undefined,
    'either passphrase or passphraseFile',
  );

/** The answers of QuickStart in the order of the product reference's 2.1 (a). */
const answersSchema = z
  .strictObject({
    kmaName: userId,
    managementAddress: address.default('127.0.0.1'),
    serviceAddress: address.default('127.0.0.1'),
    minimumTls: z.enum(MINIMUM_TLS).default('1.2'),
    threshold: z.int().min(1).max(10),
    credentials: z.array(person).min(1).max(10),
    securityOfficer: person,
    autonomousUnlock: z.boolean().default(false),
    keyPoolSize: z.int().min(1000).max(200_000).default(1000),
    digest: z.enum(['SHA-256', 'SHA-1']).default('SHA-256'),
  })
  .refine(({ threshold, credentials }) => threshold <= credentials.length, {
    path: ['threshold'],
    error: 'greater than the number of credentials',
  })
  .refine(({ credentials }) => new Set(credentials.map(({ name }) => name)).size === credentials.length, {
    path: ['credentials'],
    error: 'two credentials have one name',
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

/** Reads the file ("-": standard input); every mistake is named with its place, and no part of the content is repeated. */
export function readAnswers(path: string): InitAnswers {
  const parsed = answersSchema.safeParse(readJson(path), {
    error: (issue) => (issue.code === 'invalid_type' && issue.input === undefined ? 'is missing' : undefined),
  });
  if (parsed.success) return parsed.data;
  const mistakes = parsed.error.issues.map(({ path: place, message }) =>
    place.length === 0 ? message : `${place.join('.')}: ${message}`,
  );
  throw new OpenKmaError('INVALID_PARAMETERS', `${sourceName(path)}: ${mistakes.join('; ')}`);
}

function readJson(path: string): unknown {
  const text = readText(path);
  try {
    return JSON.parse(text);
  } catch (error) {
    // The message quotes the text around the mistake, which may be a passphrase; only the place may be told.
    const place = /line \d+ column \d+/.exec(error instanceof Error ? error.message : '')?.[0];
    const where = place === undefined ? '' : `, ${place}`;
    throw new OpenKmaError('INVALID_PARAMETERS', `${sourceName(path)}: not JSON${where}`);
  }
}

function sourceName(path: string): string {
  return path === '-' ? 'standard input' : path;
}

function readText(path: string): string {
  if (path === '-') return readStandardInput();
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new OpenKmaError('USAGE', `${path}: cannot be read (${code})`);
  }
}

export async function initialise(
  dataDirectory: string,
  given: InitAnswers,
): Promise<{ readonly kmaId: string }> {
  const answers = answersSchema.parse(given);
  const credentials: Credential[] = [];
  for (const holder of answers.credentials) credentials.push(await credentialOf(holder));
  // Loaded here, since most commands that know of this file do without X.509 and Argon2.
  const { runQuickStart } = await import('../setup/run-quickstart.ts');
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
    (passphraseFile === undefined ? await promptNewPassphrase(name) : readPassphraseFile(passphraseFile));
  return { name, passphrase: SecretBytes.fromText(text) };
}
