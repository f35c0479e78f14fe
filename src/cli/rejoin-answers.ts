/** The answers of a KMA that logs back in to its cluster, and what each may be. It reads nothing. */
import { z } from 'zod';
import { person } from './init-answers.ts';

const KEY_SPLIT_SIZE_MAX = 10;

export const rejoinAnswersSchema = z
  .strictObject({
    /** The one that was set at another KMA. */
    passphrase: z.string().min(1).optional(),
    passphraseFile: z.string().min(1).optional(),
    quorum: z.array(person).min(1).max(KEY_SPLIT_SIZE_MAX),
  })
  .refine(
    ({ passphrase, passphraseFile }) => passphrase === undefined || passphraseFile === undefined,
    'either passphrase or passphraseFile',
  );
export type RejoinAnswers = z.output<typeof rejoinAnswersSchema>;

export const REJOIN_ANSWERS_EXAMPLE: z.input<typeof rejoinAnswersSchema> = {
  passphraseFile: '/secure/kma2',
  quorum: [
    { name: 'keyholder-1', passphraseFile: '/secure/keyholder-1' },
    { name: 'keyholder-2', passphraseFile: '/secure/keyholder-2' },
  ],
};
