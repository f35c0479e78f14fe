/** The QuickStart dialogue as a state machine: what a typed line, a passphrase or Ctrl-C makes of it. It draws nothing, reads nothing and makes nothing; it wipes the passphrases it drops. */
import { sameBytes } from '@openkma/protocol';
import { checkPassphraseRules } from '../../security/passphrase-rules.ts';
import type { SecretBytes } from '../../security/secret-bytes.ts';
import {
  BEGINNING,
  back,
  type Dialogue,
  forget,
  goTo,
  itemsOf,
  next,
  type Place,
  questionAt,
  stay,
  wipe,
} from './moves.ts';
import { HOLDER_ID, type Question, questionsOf, type Surroundings } from './questions.ts';

export const BACK = '<';

/** A line was typed, or a passphrase. */
export function submit(
  dialogue: Dialogue,
  typed: string | SecretBytes,
  surroundings: Surroundings,
): Dialogue {
  const { place } = dialogue;
  const text = typeof typed === 'string' ? typed.trim() : '';
  const questions = questionsOf(dialogue.answers, surroundings);
  switch (place.at) {
    case 'welcome':
      return answerWelcome(dialogue, text, questions);
    case 'question':
    case 'again': {
      const question = questionAt(place.id, questions);
      if (isBack(typed)) return back(dialogue, question, questions);
      return typeof typed === 'string'
        ? answerText(dialogue, question, text, surroundings)
        : answerPassphrase(dialogue, question, typed, surroundings);
    }
    case 'summary':
      return answerSummary(dialogue, text, questions);
    case 'interrupted':
      return answerInterrupted(dialogue, place.from, text);
    case 'confirmed':
    case 'left':
    case 'join':
    case 'restore':
      throw new Error('the dialogue is over');
  }
}

/** The mode of QuickStart, in the order of the product. */
function answerWelcome(dialogue: Dialogue, text: string, questions: readonly Question[]): Dialogue {
  if (text === BACK) return stay(dialogue, 'this is the beginning');
  if (text === '' || text === '1') return goTo(dialogue, questions[0]);
  if (text === '2') return { ...dialogue, place: { at: 'join' }, advice: null };
  if (text === '3') return { ...dialogue, place: { at: 'restore' }, advice: null };
  return stay(dialogue, 'a number from 1 to 3 is needed');
}

/** Ctrl-C: the first time it asks, the second time it leaves. */
export function interrupt(dialogue: Dialogue): Dialogue {
  const { place } = dialogue;
  if (place.at === 'interrupted') return leave(dialogue);
  return { ...dialogue, place: { at: 'interrupted', from: place }, advice: null };
}

/** The answer as the question keeps it: a choice by its number, its value or the beginning of that; null where it is none. */
function kept(question: Question, text: string, before: string | SecretBytes | undefined): string | null {
  const { choices, open, offered = '' } = question;
  const meant = text === '' ? (typeof before === 'string' ? before : offered) : text;
  if (choices === undefined) return meant;
  const whole = choices.find(
    ({ value }, index) => meant === String(index + 1) || meant.toLowerCase() === value.toLowerCase(),
  );
  if (whole !== undefined || open) return whole?.value ?? meant;
  const [begun, ...more] = choices.filter(({ value }) => value.toLowerCase().startsWith(meant.toLowerCase()));
  return meant === '' || more.length > 0 ? null : (begun?.value ?? null);
}

function answerText(
  dialogue: Dialogue,
  question: Question,
  text: string,
  surroundings: Surroundings,
): Dialogue {
  const before = dialogue.answers.get(question.id);
  const value = kept(question, text, before);
  if (value === null) return stay(dialogue, `a number from 1 to ${question.choices?.length ?? 0} is needed`);
  const advice = question.adviceFor(value);
  if (advice !== null) return stay(dialogue, advice);
  const answers = new Map(dialogue.answers).set(question.id, value);
  if (before !== value) dropDependents(answers, question.id, value);
  return next({ ...dialogue, answers }, question, surroundings);
}

/** A passphrase must not contain the name, so another name asks for another; a smaller split has fewer holders. */
function dropDependents(answers: Map<string, string | SecretBytes>, id: string, value: string): void {
  const drop = (other: string) => {
    wipe(answers.get(other));
    answers.delete(other);
  };
  if (id.endsWith('.name')) drop(id.replace('.name', '.passphrase'));
  if (id !== 'keySplitSize') return;
  if (Number(answers.get('threshold') ?? 0) > Number(value)) drop('threshold');
  for (const other of [...answers.keys()])
    if (Number(HOLDER_ID.exec(other)?.[1] ?? 0) > Number(value)) drop(other);
}

function answerPassphrase(
  dialogue: Dialogue,
  question: Question,
  typed: SecretBytes,
  surroundings: Surroundings,
): Dialogue {
  const { place } = dialogue;
  if (place.at === 'again') return answerAgain(dialogue, question, place.first, typed, surroundings);
  if (typed.length === 0)
    return dialogue.answers.has(question.id)
      ? next(dialogue, question, surroundings)
      : stay(dialogue, 'a passphrase is needed');
  const broken = checkPassphraseRules(typed.reveal().toString('utf8'), question.passphraseOf ?? '');
  if (broken === null)
    return { ...dialogue, place: { at: 'again', id: question.id, first: typed }, advice: null };
  typed.wipe();
  return stay(dialogue, `not accepted: ${broken.detail}`);
}

function answerAgain(
  dialogue: Dialogue,
  question: Question,
  first: SecretBytes,
  second: SecretBytes,
  surroundings: Surroundings,
): Dialogue {
  const alike = sameBytes(first.reveal(), second.reveal());
  second.wipe();
  if (!alike) {
    first.wipe();
    return { ...goTo(dialogue, question), advice: 'the two were not the same: type it from the beginning' };
  }
  wipe(dialogue.answers.get(question.id));
  const answers = new Map(dialogue.answers).set(question.id, first);
  return next({ ...dialogue, answers }, question, surroundings);
}

function answerSummary(dialogue: Dialogue, text: string, questions: readonly Question[]): Dialogue {
  if (text === BACK) return goTo(dialogue, questions.at(-1));
  if (['y', 'yes'].includes(text.toLowerCase()))
    return { ...dialogue, place: { at: 'confirmed' }, advice: null };
  const items = itemsOf(questions);
  const item = /^\d+$/.test(text) ? items[Number(text) - 1] : undefined;
  if (item === undefined) return stay(dialogue, `type yes, or a number from 1 to ${items.length}`);
  return {
    ...goTo(
      dialogue,
      questions.find((question) => question.item === item),
    ),
    changing: item,
  };
}

function answerInterrupted(dialogue: Dialogue, from: Place, text: string): Dialogue {
  if (text === '1' || text === '') return restart(dialogue);
  if (text === '2' || text === BACK) return { ...dialogue, place: from, advice: null };
  return text === '3' ? leave(dialogue) : stay(dialogue, 'a number from 1 to 3 is needed');
}

function restart(dialogue: Dialogue): Dialogue {
  forget(dialogue);
  return BEGINNING;
}

function leave(dialogue: Dialogue): Dialogue {
  forget(dialogue);
  return { ...BEGINNING, place: { at: 'left' } };
}

export function isBack(typed: string | SecretBytes): boolean {
  return (typeof typed === 'string' ? typed.trim() : typed.reveal().toString('utf8')) === BACK;
}
