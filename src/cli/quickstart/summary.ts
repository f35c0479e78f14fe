/** What was answered, in words: one line for each item of the dialogue. A passphrase is only said to be there. */
import { SecretBytes } from '../../security/secret-bytes.ts';
import type { Answers, Question } from './questions.ts';

export interface SummaryLine {
  readonly item: string;
  readonly answer: string;
}

export function summaryOf(questions: readonly Question[], answers: Answers): readonly SummaryLine[] {
  const lines = Map.groupBy(questions, ({ item }) => item);
  return [...lines].map(([item, own]) => ({
    item,
    answer: own.map((question) => inSummary(question, answers)).join(', '),
  }));
}

function inSummary(question: Question, answers: Answers): string {
  const words = answerWords(question, answers);
  if (question.passphraseOf !== undefined) return `passphrase ${words}`;
  if (question.id === 'keySplitSize') return `${words} key ${words === '1' ? 'holder' : 'holders'}`;
  return question.id === 'threshold' ? `${words} must come together` : words;
}

export function answerWords({ id, choices, open }: Question, answers: Answers): string {
  const answer = answers.get(id);
  if (answer instanceof SecretBytes) return 'accepted';
  const chosen = open ? undefined : choices?.find(({ value }) => value === answer);
  return chosen?.text ?? answer ?? '';
}
