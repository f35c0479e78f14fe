/** The answers of a KMA that joins a cluster (QuickStart mode 2), and what each may be. It reads nothing. */
import { z } from 'zod';
import { answerFields, DEFAULT_ANSWERS, person } from './init-answers.ts';

const KEY_SPLIT_SIZE_MAX = 10;

export const joinAnswersSchema = z
  .strictObject({
    kmaName: answerFields.kmaName,
    passphrase: z.string().min(1).optional(),
    passphraseFile: z.string().min(1).optional(),
    managementAddress: answerFields.managementAddress.default(DEFAULT_ANSWERS.managementAddress),
    serviceAddress: answerFields.serviceAddress.default(DEFAULT_ANSWERS.serviceAddress),
    minimumTls: answerFields.minimumTls.default(DEFAULT_ANSWERS.minimumTls),
    quorum: z.array(person).min(1).max(KEY_SPLIT_SIZE_MAX),
    autonomousUnlock: answerFields.autonomousUnlock.default(DEFAULT_ANSWERS.autonomousUnlock),
  })
  .refine(
    ({ passphrase, passphraseFile }) => passphrase === undefined || passphraseFile === undefined,
    'either passphrase or passphraseFile',
  );
export type JoinAnswers = z.output<typeof joinAnswersSchema>;

export const JOIN_ANSWERS_EXAMPLE: z.input<typeof joinAnswersSchema> = {
  kmaName: 'kma2',
  passphraseFile: '/secure/kma2',
  managementAddress: '192.0.2.11',
  serviceAddress: '198.51.100.11',
  quorum: [
    { name: 'keyholder-1', passphraseFile: '/secure/keyholder-1' },
    { name: 'keyholder-2', passphraseFile: '/secure/keyholder-2' },
  ],
  autonomousUnlock: false,
};
