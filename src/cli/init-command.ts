/** "kma init": QuickStart mode 1 from an answers file; passphrases come from files or the terminal, never from arguments. */
import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { isRefusal } from '../core/refusal.ts';
import { OpenKmaError } from '../errors.ts';
import type { Credential } from '../operations/operation.ts';
import { SecretBytes } from '../security/secret-bytes.ts';
import type { QuickStartAnswers, QuickStarted } from '../setup/run-quickstart.ts';
import { answersSchema, type InitAnswers, type Person } from './init-answers.ts';
import { promptNewPassphrase, readPassphraseFile, readStandardInput } from './passphrases.ts';

export type { InitAnswers };

/** Reads the file ("-": standard input); every mistake is named with its place, and no part of the content is repeated. */
export function readAnswers(path: string): z.output<typeof answersSchema> {
  return readAnswersOf(path, answersSchema);
}

export function readAnswersOf<T>(path: string, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(readJson(path), {
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

export async function initialise(dataDirectory: string, given: InitAnswers): Promise<QuickStarted> {
  const { securityOfficer, ...answers } = answersSchema.parse(given);
  const credentials: Credential[] = [];
  for (const holder of answers.credentials) credentials.push(await credentialOf(holder));
  const officer = await credentialOf(securityOfficer);
  return setUp({ ...answers, dataDirectory, credentials, officer, step: () => undefined });
}

/** Uses the passphrases up. */
export async function setUp(answers: QuickStartAnswers): Promise<QuickStarted> {
  // Loaded here, since most commands that know of this file do without X.509 and Argon2.
  const { runQuickStart } = await import('../setup/run-quickstart.ts');
  try {
    const result = await runQuickStart(answers);
    if (isRefusal(result)) throw new OpenKmaError(result.refused, result.detail);
    return result;
  } finally {
    for (const { passphrase } of [...answers.credentials, answers.officer]) passphrase.wipe();
  }
}

/** Asked for where it is nowhere. */
export async function passphraseOf(
  { name, passphrase, passphraseFile }: Person,
  ask: (owner: string) => Promise<string>,
): Promise<string> {
  if (passphrase !== undefined) return passphrase;
  return passphraseFile === undefined ? ask(name) : readPassphraseFile(passphraseFile);
}

async function credentialOf(person: Person): Promise<Credential> {
  const text = await passphraseOf(person, (owner) =>
    promptNewPassphrase(`passphrase of ${owner}`, 'a passphraseFile in the answers'),
  );
  return { name: person.name, passphrase: SecretBytes.fromText(text) };
}
