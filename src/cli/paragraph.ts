/** Breaks text for people into lines that fit the terminal. It counts places, not bytes, and knows no terminal. */
import { width } from './width.ts';

/** `first` stands before the first line, `hanging` before all others. A word that is too long for a line stays whole. */
export function paragraph(text: string, columns: number, first = '', hanging = blank(first)): string[] {
  return brokenBetween(text.split(' '), columns, first, hanging);
}

/** The same for words that may have blanks in them. */
export function brokenBetween(
  words: readonly string[],
  columns: number,
  first: string,
  hanging: string,
): string[] {
  const [start = '', ...rest] = words;
  const lines: string[] = [];
  let line = `${first}${start}`;
  for (const word of rest)
    if (width(line) + 1 + width(word) > columns) {
      lines.push(line);
      line = `${hanging}${word}`;
    } else line += ` ${word}`;
  return [...lines, line];
}

function blank(text: string): string {
  return ' '.repeat(width(text));
}
