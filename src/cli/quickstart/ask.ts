/** Shows one place of the dialogue, takes what is typed there and gives it to the state machine. It never shows a passphrase. */
import { passphraseRules } from '../../security/passphrase-rules.ts';
import { paragraph } from '../paragraph.ts';
import { BACK, interrupt, isBack, submit } from './dialogue.ts';
import { type LineEntry, PassphraseEntry, TextEntry } from './line-entry.ts';
import { type Dialogue, itemsOf, type Place, questionAt } from './moves.ts';
import { type Answers, type Question, questionsOf, type Surroundings } from './questions.ts';
import { answerWords, summaryOf } from './summary.ts';
import { isInterrupt, type Terminal } from './terminal.ts';
import { sayChoices, sayInterrupted, sayWelcome } from './words.ts';

export interface Asked {
  readonly dataDirectory: string;
  readonly dialogue: Dialogue;
  /** As it was when the last line was typed. */
  readonly before: Dialogue | null;
  readonly surroundings: Surroundings;
}

const HINT = '<: back   Ctrl-C: begin again or leave';
/** Where something stands in the brackets. */
const HINT_OFFERED = `Enter: what is in [ ]   ${HINT}`;

export async function ask(terminal: Terminal, asked: Asked): Promise<Dialogue> {
  const { dialogue, before, surroundings } = asked;
  if (before === null || spot(before.place) !== spot(dialogue.place)) introduce(terminal, asked);
  const prompt = promptOf(dialogue, surroundings);
  const question = questionOf(dialogue, surroundings);
  const secret = question?.passphraseOf !== undefined;
  const entry = secret ? new PassphraseEntry() : new TextEntry();
  const entered = await takeLine(terminal, entry, prompt, () =>
    linesAbove(terminal, dialogue, question, entry),
  );
  if (!entered) {
    const dropped = entry.take();
    if (typeof dropped !== 'string') dropped.wipe();
    terminal.dropTypedAhead();
    terminal.settle(`${prompt}^C`);
    return interrupt(dialogue);
  }
  const typed = entry.take();
  const shown = typeof typed === 'string' ? typed : isBack(typed) ? BACK : '';
  const after = submit(dialogue, typed, surroundings);
  // What follows was meant for another question: it may be a passphrase, and be shown here.
  if (after.advice !== null) terminal.dropTypedAhead();
  if (question === null || shown.trim() === BACK) {
    if (after.place !== dialogue.place) terminal.settle(`${prompt}${shown}`);
  } else if (spot(after.place) !== question.id)
    terminal.settle(`${question.prompt}: ${answerWords(question, after.answers)}`);
  return after;
}

/** False where Ctrl-C was pressed. */
async function takeLine(
  terminal: Terminal,
  entry: LineEntry,
  prompt: string,
  above: () => readonly string[],
): Promise<boolean> {
  for (;;) {
    terminal.draw(above(), prompt, entry.view());
    const key = await terminal.key();
    if (isInterrupt(key)) return false;
    if (key.name === 'return' || key.name === 'enter') return true;
    entry.press(key);
  }
}

/** A passphrase and its repetition are one spot: their question is introduced once. */
function spot(place: Place): string {
  return place.at === 'question' || place.at === 'again' ? place.id : place.at;
}

function questionOf({ place, answers }: Dialogue, surroundings: Surroundings): Question | null {
  if (place.at !== 'question' && place.at !== 'again') return null;
  return questionAt(place.id, questionsOf(answers, surroundings));
}

function introduce(terminal: Terminal, asked: Asked): void {
  const { dialogue, before, surroundings, dataDirectory } = asked;
  const question = questionOf(dialogue, surroundings);
  const item = before === null ? undefined : questionOf(before, surroundings)?.item;
  if (question?.item !== item || item === undefined) terminal.sayWhole('');
  if (question !== null) introduceQuestion(terminal, question, asked, question.item !== item);
  else if (dialogue.place.at === 'welcome') sayWelcome(terminal, dataDirectory);
  else if (dialogue.place.at === 'summary') saySummary(terminal, dialogue, surroundings);
  else sayInterrupted(terminal);
}

/** Under a heading, unless the question before was of the same item. */
function introduceQuestion(
  terminal: Terminal,
  question: Question,
  { dialogue: { answers }, surroundings }: Asked,
  heading: boolean,
): void {
  // Without how many there are, which depends on how many key holders there will be.
  const number = itemsOf(questionsOf(answers, surroundings)).indexOf(question.item) + 1;
  if (heading) terminal.say(`[${number}] ${question.item}`, 'bold');
  for (const text of question.explanation) terminal.say(text);
  sayChoices(terminal, question.choices?.map(({ text }) => text) ?? []);
  if (heading) terminal.say(inBrackets(question, answers) === null ? HINT : HINT_OFFERED, 'dim');
}

function saySummary(terminal: Terminal, { answers }: Dialogue, surroundings: Surroundings): void {
  const lines = summaryOf(questionsOf(answers, surroundings), answers);
  const labelWidth = Math.max(...lines.map(({ item }) => item.length));
  terminal.say('Summary', 'bold');
  for (const [index, { item, answer }] of lines.entries())
    terminal.say(answer, undefined, ` ${String(index + 1).padStart(2)}  ${item.padEnd(labelWidth)}  `);
  terminal.say('Nothing has been made yet. Type yes to set up this KMA, or a number to change that item.');
  terminal.say(HINT, 'dim');
}

function promptOf(dialogue: Dialogue, surroundings: Surroundings): string {
  const { place, answers } = dialogue;
  if (place.at === 'welcome') return 'Enter to begin with 1, or 2, 3: ';
  if (place.at === 'summary') return 'yes, or a number: ';
  if (place.at === 'interrupted') return '1, 2 or 3 [1]: ';
  if (place.at === 'again') return 'The same again: ';
  const question = questionOf(dialogue, surroundings);
  if (question === null) throw new Error(`nothing to ask at ${place.at}`);
  const shown = inBrackets(question, answers);
  return `${question.prompt}${shown === null ? '' : ` [${shown}]`}: `;
}

/** What an empty line means, a choice as its number; null where something has to be typed. */
function inBrackets({ id, passphraseOf, choices, offered }: Question, answers: Answers): string | null {
  const answer = answers.get(id);
  if (passphraseOf !== undefined) return answer === undefined ? null : 'Enter keeps it';
  const meant = typeof answer === 'string' ? answer : offered;
  const choice = choices?.findIndex(({ value }) => value === meant) ?? -1;
  return choice < 0 ? (meant ?? null) : String(choice + 1);
}

function linesAbove(
  terminal: Terminal,
  { place, advice }: Dialogue,
  question: Question | null,
  entry: LineEntry,
): readonly string[] {
  const ruled =
    place.at === 'question' && question?.passphraseOf !== undefined && entry instanceof PassphraseEntry;
  const said = place.at === 'again' ? ['All rules are kept.'] : [];
  const rules = ruled ? passphraseRules(entry.reveal(), question.passphraseOf) : [];
  return [
    ...said,
    ...rules.flatMap(({ text, kept }) =>
      paragraph(text, terminal.columns, kept ? '  [x] ' : '  [ ] ', '      ').map((line) =>
        terminal.styled(kept ? 'green' : 'yellow', line),
      ),
    ),
    // Of a passphrase it is said until the next one is begun: then the rules tell more.
    ...(advice === null || (ruled && entry.view().text !== '')
      ? []
      : paragraph(advice, terminal.columns, '! ').map((line) => terminal.styled('red', line))),
  ];
}
