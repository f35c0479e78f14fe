/** Rules for the password of the support account, as security guides for servers have them. It keeps no password and repeats none. */

const MINIMUM_LENGTH = 15;
const MAXIMUM_LENGTH = 128;
const DIFFERENT_MIN = 8;
const REPEATED_MAX = 2;
/** "abcd", "4321", "qwer": so many neighbours in a row are one thing to remember, and one to guess. */
const RUN_MAX = 3;

const CLASSES: readonly (readonly [RegExp, string])[] = [
  [/[A-Z]/, 'an upper-case letter'],
  [/[a-z]/, 'a lower-case letter'],
  [/[0-9]/, 'a digit'],
  [/[^A-Za-z0-9]/, 'a special character'],
];

const ROWS = [
  'abcdefghijklmnopqrstuvwxyz',
  '01234567890',
  'qwertyuiop',
  'qwertzuiop',
  'asdfghjkl',
  'zxcvbnm',
];

/** What guessers try first, and what anybody would think of here. */
const WORDS = [
  'password',
  'passwort',
  'passphrase',
  'welcome',
  'letmein',
  'administrator',
  'support',
  'openkma',
  'oracle',
  'changeme',
  'default',
  'secret',
];
/** Signs that stand for letters, so that "p@ssw0rd" is the word it is. */
const LOOKALIKES: Readonly<Record<string, string>> = {
  '@': 'a',
  '4': 'a',
  '3': 'e',
  '1': 'l',
  '!': 'i',
  '0': 'o',
  $: 's',
  '5': 's',
  '7': 't',
};

/** The first rule that is broken, or null. `names` are those of the account and of the KMA. */
export function brokenSupportPasswordRule(password: string, names: readonly string[]): string | null {
  if (password.length < MINIMUM_LENGTH) return `at least ${MINIMUM_LENGTH} characters`;
  if (password.length > MAXIMUM_LENGTH) return `at most ${MAXIMUM_LENGTH} characters`;
  if (!/^[\x20-\x7e]*$/.test(password) || password !== password.trim())
    return 'only characters that every keyboard has (ASCII), and no blanks at the ends';
  const missing = CLASSES.find(([pattern]) => !pattern.test(password));
  if (missing !== undefined) return `must have ${missing[1]}`;
  return brokenPattern(password.toLowerCase(), names);
}

/** What makes a long password a short one. */
function brokenPattern(folded: string, names: readonly string[]): string | null {
  if (new RegExp(`(.)\\1{${REPEATED_MAX}}`).test(folded))
    return `the same character at most ${REPEATED_MAX} times in a row`;
  if (new Set(folded).size < DIFFERENT_MIN) return `at least ${DIFFERENT_MIN} different characters`;
  if (/^(.{1,32}?)\1+.{0,2}$/.test(folded)) return 'must not be the same piece again and again';
  if (hasRun(folded)) return `no more than ${RUN_MAX} neighbours in a row, such as 1234 or qwer`;
  if (names.some((name) => name.length > 2 && folded.includes(name.toLowerCase())))
    return 'must not contain the name of the account or of the KMA';
  const plain = [...folded].map((sign) => LOOKALIKES[sign] ?? sign).join('');
  const word = WORDS.find((known) => folded.includes(known) || plain.includes(known));
  return word === undefined ? null : 'must not contain a word that is tried first';
}

/** In the alphabet, among digits or on a keyboard, forwards or backwards. */
function hasRun(folded: string): boolean {
  const rows = ROWS.flatMap((row) => [row, [...row].reverse().join('')]);
  for (let start = 0; start + RUN_MAX < folded.length; start += 1) {
    const piece = folded.slice(start, start + RUN_MAX + 1);
    if (rows.some((row) => row.includes(piece))) return true;
  }
  return false;
}
