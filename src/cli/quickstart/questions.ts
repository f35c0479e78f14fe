/** The questions of QuickStart in the order of the product reference's 2.1: what each explains, offers and accepts. It asks nobody and reads no clock. */
import type { ZodType } from 'zod';
import type { SecretBytes } from '../../security/secret-bytes.ts';
import { answerFields, DEFAULT_ANSWERS, NAMES_ALIKE } from '../init-answers.ts';
import * as explained from './explanations.ts';

/** By the ID of the question; passphrases as secrets, all else as it was typed. */
export type Answers = ReadonlyMap<string, string | SecretBytes>;

/** What the questions say about this machine. */
export interface Surroundings {
  readonly nowMs: number;
  readonly machineAddresses: readonly string[];
}

export interface Choice {
  readonly value: string;
  readonly text: string;
}

export interface Question {
  readonly id: string;
  /** Questions of one item are answered again together, and stand in one line of the summary. */
  readonly item: string;
  readonly prompt: string;
  readonly explanation: readonly string[];
  readonly choices?: readonly Choice[];
  /** Something else than the choices may be answered, too. */
  readonly open?: true;
  /** What an empty line means at first. */
  readonly offered?: string;
  /** A passphrase is asked for, which must not contain this name. */
  readonly passphraseOf?: string;
  /** What to do about this answer; null where it is accepted. */
  readonly adviceFor: (text: string) => string | null;
}

export const HOLDER_ID = /^holder\.(\d+)\./;

export function questionsOf(answers: Answers, surroundings: Surroundings): readonly Question[] {
  return [
    address('managementAddress', 'Management address', explained.MANAGEMENT, surroundings),
    address(
      'serviceAddress',
      'Service address',
      explained.SERVICE,
      surroundings,
      answers.get('managementAddress'),
    ),
    choice(
      'minimumTls',
      'Lowest TLS version',
      explained.TLS,
      explained.TLS_CHOICES,
      DEFAULT_ANSWERS.minimumTls,
    ),
    {
      ...{ id: 'kmaName', item: 'KMA name', prompt: 'Name of this KMA', explanation: explained.KMA_NAME },
      adviceFor: adviceOf(answerFields.kmaName),
    },
    ...keySplitQuestions(answers),
    ...personQuestions(answers, {
      ...{ id: 'officer', item: 'Security Officer', who: 'the Security Officer' },
      explanation: explained.OFFICER,
      adviceFor: adviceOf(answerFields.personName),
    }),
    choice('autonomousUnlock', 'Autonomous unlocking', explained.AUTONOMOUS, explained.NO_YES, 'no'),
    {
      ...{ id: 'keyPoolSize', item: 'Key pool size', prompt: 'Keys in the pool' },
      explanation: explained.KEY_POOL,
      offered: String(DEFAULT_ANSWERS.keyPoolSize),
      adviceFor: adviceOf(answerFields.keyPoolSize, wholeNumber),
    },
    choice('digest', 'Root CA signature', explained.DIGEST, explained.DIGEST_CHOICES, DEFAULT_ANSWERS.digest),
    {
      ...choice('clock', 'Clock', explained.CLOCK, explained.CLOCK_CHOICES),
      prompt: explained.clockPrompt(surroundings.nowMs),
      adviceFor: (text) => (text === 'yes' ? null : explained.CLOCK_WRONG),
    },
  ];
}

function keySplitQuestions(answers: Answers): Question[] {
  const size = Number(answers.get('keySplitSize') ?? 0);
  const names = Array.from({ length: size }, (_, index) => answers.get(`holder.${index + 1}.name`));
  const split: Question[] = [
    {
      ...{
        id: 'keySplitSize',
        item: 'Key split',
        prompt: 'Key split size',
        explanation: explained.KEY_SPLIT,
      },
      offered: '3',
      adviceFor: adviceOf(answerFields.keySplitSize, wholeNumber),
    },
    {
      ...{ id: 'threshold', item: 'Key split', prompt: 'Threshold', explanation: explained.threshold(size) },
      offered: String(Math.floor(size / 2) + 1),
      adviceFor: (text) =>
        adviceOf(answerFields.threshold, wholeNumber)(text) ??
        (Number(text) <= size ? null : `at most ${size}, the key split size`),
    },
  ];
  const holders = names.flatMap((_, index) =>
    personQuestions(answers, {
      ...{
        id: `holder.${index + 1}`,
        item: `Key holder ${index + 1}`,
        who: `key holder ${index + 1} of ${size}`,
      },
      explanation: index === 0 ? explained.FIRST_HOLDER : explained.NEXT_HOLDER,
      adviceFor: (text) => {
        const others = names.filter((_, other) => other !== index);
        const alike = others.some((name) => name !== undefined && spelling(String(name)) === spelling(text))
          ? NAMES_ALIKE
          : null;
        return adviceOf(answerFields.personName)(text) ?? alike;
      },
    }),
  );
  return [...split, ...holders];
}

/** Names are kept in one. */
const spelling = (name: string) => name.normalize('NFC');

/** A name, and the passphrase of whoever has it. */
function personQuestions(
  answers: Answers,
  person: Pick<Question, 'id' | 'item' | 'explanation' | 'adviceFor'> & { readonly who: string },
): Question[] {
  const { id, item, who, explanation, adviceFor } = person;
  const name = String(answers.get(`${id}.name`) ?? '');
  return [
    { id: `${id}.name`, item, prompt: `Name of ${who}`, explanation, adviceFor },
    {
      ...{ id: `${id}.passphrase`, item, prompt: `Passphrase of ${name}` },
      explanation: explained.PASSPHRASE,
      passphraseOf: name,
      adviceFor: () => null,
    },
  ];
}

/** A network's address: one of this machine's unless another one is offered, or whatever is typed. */
function address(
  id: 'managementAddress' | 'serviceAddress',
  item: string,
  explanation: readonly string[],
  { machineAddresses }: Surroundings,
  other?: string | SecretBytes,
): Question {
  const choices = explained.addressChoices(machineAddresses, DEFAULT_ANSWERS[id]);
  const offered = typeof other === 'string' ? other : choices[0]?.value;
  return {
    ...choice(id, item, explanation, choices, offered),
    open: true,
    adviceFor: adviceOf(answerFields[id]),
  };
}

function choice(
  id: string,
  item: string,
  explanation: readonly string[],
  choices: readonly Choice[],
  offered?: string,
): Question {
  return {
    ...{ id, item, prompt: item, explanation, choices },
    ...(offered === undefined ? {} : { offered }),
    adviceFor: () => null,
  };
}

/** By the schema that the answers file is held to. */
function adviceOf(schema: ZodType, read: (text: string) => unknown = (text) => text): Question['adviceFor'] {
  return (text) => {
    const result = schema.safeParse(read(text));
    return result.success ? null : (result.error.issues[0]?.message ?? 'not accepted');
  };
}

function wholeNumber(text: string): number {
  return /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
}
