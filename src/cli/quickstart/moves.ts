/** Where the QuickStart dialogue is, and how it moves from there: on, back, to an item, to the summary. It judges no answer; it wipes the passphrases it forgets. */
import { SecretBytes } from '../../security/secret-bytes.ts';
import { type Answers, type Question, questionsOf, type Surroundings } from './questions.ts';

export type OtherMode = 'join' | 'restore';

export type Place =
  | { readonly at: 'welcome' | 'summary' | 'confirmed' | 'left' }
  /** The other two modes of QuickStart, which ask questions of their own. */
  | { readonly at: OtherMode }
  | { readonly at: 'question'; readonly id: string }
  | { readonly at: 'again'; readonly id: string; readonly first: SecretBytes }
  | { readonly at: 'interrupted'; readonly from: Place };

export interface Dialogue {
  readonly place: Place;
  readonly answers: Answers;
  /** The item that is answered again from the summary. */
  readonly changing: string | null;
  /** Why the place is still the same, and what to do. */
  readonly advice: string | null;
}

export const BEGINNING: Dialogue = {
  place: { at: 'welcome' },
  answers: new Map(),
  changing: null,
  advice: null,
};

export function itemsOf(questions: readonly Question[]): readonly string[] {
  return [...new Set(questions.map(({ item }) => item))];
}

export function questionAt(id: string, questions: readonly Question[]): Question {
  const found = questions.find((question) => question.id === id);
  if (found === undefined) throw new Error(`no question ${id}`);
  return found;
}

/** In order; while an item is changed, its own questions, then what has lost its answer, then the summary. */
export function next(dialogue: Dialogue, question: Question, surroundings: Surroundings): Dialogue {
  const questions = questionsOf(dialogue.answers, surroundings);
  const following = questions[questions.findIndex(({ id }) => id === question.id) + 1];
  const { changing } = dialogue;
  if (following !== undefined && (changing === null || following.item === changing))
    return goTo(dialogue, following);
  const missing = questions.find(({ id }) => !dialogue.answers.has(id));
  if (missing === undefined) return toSummary(dialogue);
  return { ...goTo(dialogue, missing), changing: missing.item };
}

export function back(dialogue: Dialogue, question: Question, questions: readonly Question[]): Dialogue {
  if (dialogue.place.at === 'again') {
    dialogue.place.first.wipe();
    return goTo(dialogue, question);
  }
  const previous = questions[questions.indexOf(question) - 1];
  if (dialogue.changing !== null && dialogue.changing !== previous?.item) {
    if (questions.every(({ id }) => dialogue.answers.has(id))) return toSummary(dialogue);
    return goTo({ ...dialogue, changing: null }, previous ?? question);
  }
  if (previous === undefined) return { ...dialogue, place: { at: 'welcome' }, advice: null };
  return goTo(dialogue, previous);
}

/** Wipes every passphrase that was typed. */
export function forget({ answers, place }: Dialogue): void {
  for (const answer of answers.values()) wipe(answer);
  const under = place.at === 'interrupted' ? place.from : place;
  if (under.at === 'again') under.first.wipe();
}

export function wipe(answer: string | SecretBytes | undefined): void {
  if (answer instanceof SecretBytes) answer.wipe();
}

export function stay(dialogue: Dialogue, advice: string): Dialogue {
  return { ...dialogue, advice };
}

export function goTo(dialogue: Dialogue, question: Question | undefined): Dialogue {
  if (question === undefined) throw new Error('there is no such question');
  return { ...dialogue, place: { at: 'question', id: question.id }, advice: null };
}

function toSummary(dialogue: Dialogue): Dialogue {
  return { ...dialogue, place: { at: 'summary' }, changing: null, advice: null };
}
