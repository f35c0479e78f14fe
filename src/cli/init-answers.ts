/** The answers of QuickStart and what each may be, for the answers file and for the dialogue alike. It reads nothing. */
import { isIP } from 'node:net';
import { z } from 'zod';
import { newName } from '../operations/new-name.ts';
import { MINIMUM_TLS } from '../operations/quickstart.ts';

const KEY_SPLIT_SIZE_MAX = 10;
const KEY_POOL_SIZE = { min: 1000, max: 200_000 } as const;

/** As those who are made later have them; people log in by the normalised one. */
const name = newName('name');
const address = z.string().refine((text) => isIP(text) !== 0, 'an IPv4 or IPv6 address is needed');
const wholeNumber = (min: number, max: number) => {
  const message = `a whole number from ${min} to ${max} is needed`;
  return z.int(message).min(min, message).max(max, message);
};

/** A person: the passphrase in the answers file itself (0600), or in a file of its own; asked for otherwise. */
export const person = z
  .strictObject({
    name,
    passphrase: z.string().min(1).optional(),
    passphraseFile: z.string().min(1).optional(),
  })
  .refine(
    ({ passphrase, passphraseFile }) => passphrase === undefined || passphraseFile === undefined,
    'either passphrase or passphraseFile',
  );
export type Person = z.infer<typeof person>;

/** What a single answer may be, whatever the others are. */
export const answerFields = {
  kmaName: name,
  managementAddress: address,
  serviceAddress: address,
  minimumTls: z.enum(MINIMUM_TLS),
  keySplitSize: wholeNumber(1, KEY_SPLIT_SIZE_MAX),
  threshold: wholeNumber(1, KEY_SPLIT_SIZE_MAX),
  personName: name,
  autonomousUnlock: z.boolean(),
  keyPoolSize: wholeNumber(KEY_POOL_SIZE.min, KEY_POOL_SIZE.max),
  digest: z.enum(['SHA-256', 'SHA-1']),
} as const;

export const NAMES_ALIKE = 'two credentials have one name';

export const DEFAULT_ANSWERS = {
  managementAddress: '127.0.0.1',
  serviceAddress: '127.0.0.1',
  minimumTls: '1.2',
  autonomousUnlock: false,
  keyPoolSize: KEY_POOL_SIZE.min,
  digest: 'SHA-256',
} as const;

/** In the order of the product reference's 2.1 (a). */
export const answersSchema = z
  .strictObject({
    kmaName: answerFields.kmaName,
    managementAddress: answerFields.managementAddress.default(DEFAULT_ANSWERS.managementAddress),
    serviceAddress: answerFields.serviceAddress.default(DEFAULT_ANSWERS.serviceAddress),
    minimumTls: answerFields.minimumTls.default(DEFAULT_ANSWERS.minimumTls),
    threshold: answerFields.threshold,
    credentials: z.array(person).min(1).max(KEY_SPLIT_SIZE_MAX),
    securityOfficer: person,
    autonomousUnlock: answerFields.autonomousUnlock.default(DEFAULT_ANSWERS.autonomousUnlock),
    keyPoolSize: answerFields.keyPoolSize.default(DEFAULT_ANSWERS.keyPoolSize),
    digest: answerFields.digest.default(DEFAULT_ANSWERS.digest),
  })
  .refine(({ threshold, credentials }) => threshold <= credentials.length, {
    path: ['threshold'],
    error: 'greater than the number of credentials',
  })
  .refine(({ credentials }) => areDifferent(credentials.map((credential) => credential.name)), {
    path: ['credentials'],
    error: NAMES_ALIKE,
  });
export type InitAnswers = z.input<typeof answersSchema>;

function areDifferent(names: readonly string[]): boolean {
  return new Set(names).size === names.length;
}

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
