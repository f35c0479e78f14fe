/** A table that grows page by page: headings once, each column as wide as anything in it so far. It chooses no columns. */
import { headingTexts, isCommand, valueText } from './cell-text.ts';
import { width } from './width.ts';

export type Fields = Readonly<Record<string, unknown>>;

const LONG_HEX = /\b[0-9A-F]{24,}\b/g;
const HEX_HEAD = 12;
const HEX_TAIL = 4;

/** Between columns, and between a name and its value. */
export const GAP = '  ';

export class Table {
  readonly #names: readonly string[];
  #widths: readonly number[] = [];
  #numeric: readonly boolean[] = [];

  constructor(names: readonly string[]) {
    this.#names = names;
  }

  /** The lines of further rows, which follow the headings where they are the first. */
  text(rows: readonly Fields[]): string {
    const begins = this.#widths.length === 0;
    const headings = this.#names.map((name) => headingTexts(name).join(' ').toUpperCase());
    if (begins) {
      this.#widths = headings.map(width);
      this.#numeric = this.#names.map((name) => rows.every((row) => typeof row[name] === 'number'));
    }
    const cells = rows.map((row) => this.#cells(row));
    this.#widths = this.#widths.map((before, column) =>
      cells.reduce((widest, row) => Math.max(widest, width(row[column])), before),
    );
    return [...(begins ? [headings] : []), ...cells].map((row) => `${this.#line(row)}\n`).join('');
  }

  /** The first column names the row and is never shortened; neither is what is typed as it stands. */
  #cells(row: Fields): string[] {
    return this.#names.map((name, column) => {
      const text = valueText(name, row[name]);
      return column === 0 || isCommand(name) ? text : text.replace(LONG_HEX, shortHex);
    });
  }

  #line(row: readonly string[]): string {
    return row
      .map((cell, column) => pad(cell, this.#widths[column] ?? 0, this.#numeric[column] === true))
      .join(GAP)
      .trimEnd();
  }
}

export function pad(text: string, to: number, right: boolean): string {
  const blanks = ' '.repeat(Math.max(0, to - width(text)));
  return right ? blanks + text : text + blanks;
}

function shortHex(hex: string): string {
  return `${hex.slice(0, HEX_HEAD)}..${hex.slice(-HEX_TAIL)}`;
}
