/** The names that new things may get: none in letters that pass for those of another script or form. It compares no names with each other: all of ASCII are taken, and names that there are already stay as they are. */
import { name } from './fields.ts';

/** Scripts whose letters make up a word alone; Latin and those of East Asia stand together. */
const ALONE = [
  'Arabic',
  'Armenian',
  'Bengali',
  'Cyrillic',
  'Devanagari',
  'Ethiopic',
  'Georgian',
  'Greek',
  'Gujarati',
  'Gurmukhi',
  'Hebrew',
  'Kannada',
  'Khmer',
  'Lao',
  'Malayalam',
  'Myanmar',
  'Oriya',
  'Sinhala',
  'Tamil',
  'Telugu',
  'Thaana',
  'Thai',
  'Tibetan',
] as const;
/** Of Latin, what languages are written with: clicks and phonetic letters look like signs and other letters. */
const LATIN_AND_EAST =
  /^[[\p{Script=Latin}--[\u01c0-\u01c3\u0250-\u02af\u1d00-\u1dbf\u2c60-\u2c7f\ua720-\uab6f]]\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}\p{scx=Bopomofo}\p{Script=Inherited}]+$/v;
const OF_ONE_SCRIPT = [
  LATIN_AND_EAST,
  ...ALONE.map((script) => new RegExp(`^[\\p{scx=${script}}\\p{Script=Inherited}]+$`, 'u')),
];

/** Letters of other scripts that are drawn as Latin ones; a word of nothing else would pass for another word. */
const DRAWN_AS_LATIN = /^[АВЕЅІЈКМНОРСТУХҮԚԜҺӀаеорсухѕіјԛԝһӏԁүΑΒΕΖΗΙΚΜΝΟΡΤΥΧϳοναιρυκՍՕօոսցհ]+$/u;

const WORDS = /[\p{L}\p{M}]+/gu;
const ALLOWED = /^[\p{L}\p{M}\x20-\x7e]*$/u;
/** Overlays turn a letter into another; of what chooses a look, and of equal or many marks above each other, not all can be seen. */
const PILED_MARKS = /[\u0334-\u0338\ufe0e\ufe0f]|(\p{Mn})\1|\p{Mn}{4}/u;
/** Armenian, Thai and Lao letters that are written as one character everywhere, though Unicode calls them two. */
const WRITTEN_WHOLE = /[\u0587\u0e33\u0eb3]/gu;

/** A user-chosen ID of something that is to be made. */
export function newName(what: string) {
  return name(what)
    .refine((value) => ALLOWED.test(value), 'only letters of any language, and ASCII digits and signs')
    .refine((value) => !/ {2}|^\.{1,2}$/.test(value), 'no two blanks in a row, and neither "." nor ".."')
    .refine((value) => isPlain(value), 'no letters in forms for compatibility, such as full-width ones')
    .refine((value) => !PILED_MARKS.test(value.normalize('NFD')), 'no overlays or piled marks')
    .refine(
      (value) => wordsOf(value).every((word) => OF_ONE_SCRIPT.some((script) => script.test(word))),
      'no word with letters of several scripts',
    )
    .refine(
      (value) => !wordsOf(value).some(passesForLatin),
      'no word of another script that could be taken for a Latin one',
    );
}

function wordsOf(value: string): readonly string[] {
  return value.match(WORDS) ?? [];
}

function isPlain(value: string): boolean {
  const text = value.replaceAll(WRITTEN_WHOLE, '');
  return text.normalize('NFKC') === text.normalize('NFC');
}

/** With marks taken off: they are the same on both. */
function passesForLatin(word: string): boolean {
  return DRAWN_AS_LATIN.test(word.normalize('NFD').replaceAll(/\p{Mn}/gu, ''));
}
