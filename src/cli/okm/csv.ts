/** Rows of a CSV file (RFC 4180) with a heading, each by the names of its columns. It knows no column. */
import { OpenKmaError } from '../../errors.ts';

export interface CsvRow {
  /** Of the record, the heading being 1. */
  readonly number: number;
  readonly cells: Readonly<Record<string, string>>;
}

/** A cell and what ends it: quoted with "" for ", or plain. */
const CELL = /("(?:[^"]|"")*"|[^",\r\n]*)(,|\r?\n|$)/y;

export function readCsv(text: string, columns: readonly string[]): CsvRow[] {
  const [heading = [], ...records] = recordsOf(text.replace(/^\uFEFF/, ''));
  const unknown = heading.find((name) => !columns.includes(name));
  if (unknown !== undefined || new Set(heading).size !== heading.length)
    throw new OpenKmaError('USAGE', `line 1: the columns are ${columns.join(', ')}, each once at most`);
  return records.map((cells, index) => {
    const number = index + 2;
    if (cells.length !== heading.length)
      throw new OpenKmaError('USAGE', `record ${number} has ${cells.length} cells, not ${heading.length}`);
    return { number, cells: Object.fromEntries(heading.map((name, place) => [name, cells[place] ?? ''])) };
  });
}

function recordsOf(text: string): string[][] {
  const records: string[][] = [];
  let cells: string[] = [];
  CELL.lastIndex = 0;
  while (CELL.lastIndex < text.length) {
    const start = CELL.lastIndex;
    const match = CELL.exec(text);
    if (match === null)
      throw new OpenKmaError('USAGE', `record ${records.length + 1}: a quote that is not closed`);
    const [whole, cell = '', end] = match;
    cells.push(cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell.trim());
    if (end !== ',') {
      if (cells.length > 1 || cells[0] !== '') records.push(cells);
      cells = [];
    } else if (start + whole.length === text.length) records.push([...cells, '']);
  }
  return records;
}
