/** Breaks text for people into lines that fit the terminal. It counts places, not bytes, and knows no terminal. */
import { width } from '../text-layout.ts';

/** `hanging` stands before the second and all further lines. A word that is too long for a line stays whole. */
export function paragraph(
  text: string,
  columns: number,
  first = '',
  hanging = ' '.repeat(first.length),
): string[] {
  const lines: string[] = [];
  let line = first;
  let empty = true;
  for (const word of text.split(' ')) {
    if (!empty && width(line) + 1 + width(word) > columns) {
      lines.push(line);
      line = hanging;
      empty = true;
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  return [...lines, line];
}
