/** The words of a field name as a heading has them, for tables and for filters that are written after them. It shows no values. */

/** Say what a number counts: in tables they stand with the value. */
const UNIT_WORDS = ['Bytes', 'Percent', 'Days', 'Hours', 'Minutes'] as const;
export type UnitWord = (typeof UNIT_WORDS)[number];

/** "createdAt" -> ["created"], "kmaName" -> ["kma", "Name"], "fileBytes" -> ["file", "size"]. */
export function headingWords(name: string): string[] {
  const words = name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').split(' ');
  const last = words.at(-1) ?? '';
  if (words.length > 1 && (last === 'At' || isUnitWord(last))) words.pop();
  if (last === 'Bytes') words.push('size');
  return words;
}

export function isUnitWord(word: string): word is UnitWord {
  return UNIT_WORDS.some((unit) => unit === word);
}
