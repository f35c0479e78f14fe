/** Lists as tables and records as lines of name and value, for people; what does not fit is shortened here and whole in JSON. */
import { asPage } from '../operations/pages.ts';
import { headingTexts, isCommand, itemTexts, NOTHING, printableLines, valueText } from './cell-text.ts';
import { paragraph } from './paragraph.ts';
import { type Fields, GAP, pad, Table } from './table.ts';
import { width } from './width.ts';

/** Items of a record's list stand in one line up to this width. */
const LINE_WIDTH = 70;
/** Long text goes to the end of a row, where it pushes nothing aside. */
const LAST = /^(description|message|solution)$|Comment$/;
/** Of an audit record: its row number names it already, its class and term follow from the operation. */
const AUDIT_HIDDEN = new Set(['id', 'class', 'term']);

/** Lines of at most so many columns, where words allow it: a table that is wider comes as a record for each row. */
export function asText(output: unknown, columns = Number.POSITIVE_INFINITY): string {
  if (output === null || output === undefined) return 'done\n';
  const rows = asPage(output)?.rows ?? output;
  if (Array.isArray(rows)) return rows.length === 0 ? '(none)\n' : list(rows.map(fieldsOf), columns);
  return typeof output === 'object' ? record(fieldsOf(output), columns) : `${valueText('', output)}\n`;
}

function list(rows: readonly Fields[], columns: number): string {
  const names = columnsOf(rows);
  const text = new Table(names).text(rows);
  if (text.split('\n').every((line) => width(line) <= columns)) return text;
  return rows
    .map((row) => record(Object.fromEntries(names.map((name) => [name, row[name]])), columns))
    .join('\n');
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : { value };
}

/** A long list as one table, of which one page is held at a time. What is empty in a list of several pages is not known when its headings are written, so there no column is left out. */
export async function* tableText(pages: AsyncIterable<readonly Fields[]>): AsyncGenerator<string> {
  const filled = withRows(pages);
  const [first, second] = [await filled.next(), await filled.next()];
  if (first.done === true || second.done === true) return yield asText(first.value ?? []);
  const table = new Table(columnsOf(first.value, true));
  yield table.text(first.value) + table.text(second.value);
  for await (const rows of filled) yield table.text(rows);
}

async function* withRows(pages: AsyncIterable<readonly Fields[]>): AsyncGenerator<readonly Fields[], null> {
  for await (const rows of pages) if (rows.length > 0) yield rows;
  return null;
}

/** Those without any value are left out, except where all are asked for. */
function columnsOf(rows: readonly Fields[], all = false): string[] {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const audit = names[0] === 'row';
  const shown = names.filter(
    (name, index) =>
      index === 0 ||
      (!(audit && AUDIT_HIDDEN.has(name)) &&
        (all || rows.some((row) => valueText(name, row[name]) !== NOTHING))),
  );
  // Array.sort keeps the order of equals: within a rank that of the operation's own fields.
  return shown.sort((a, b) => rank(a, audit) - rank(b, audit));
}

function rank(name: string, audit: boolean): number {
  if (audit && name === 'row') return -2;
  if (audit && name === 'createdAt') return -1;
  return LAST.test(name) ? 1 : 0;
}

function record(fields: Fields, columns: number): string {
  const entries = Object.entries(fields);
  if (entries.length === 0) return 'done\n';
  const labels = entries.map(([name]) => sentence(headingTexts(name)));
  const labelWidth = labels.reduce((widest, label) => Math.max(widest, width(label)), 0);
  return entries
    .map(([name, value], index) => {
      const label = labels[index] ?? '';
      return isBlock(value)
        ? `${label}:\n${printableLines(value.trimEnd())}\n`
        : `${itemLines(name, value, `${pad(label, labelWidth, false)}${GAP}`, columns)}\n`;
    })
    .join('');
}

function itemLines(name: string, value: unknown, label: string, columns: number): string {
  const line = valueText(name, value);
  const listed = Array.isArray(value) && width(line) > LINE_WIDTH;
  if (isCommand(name)) return `${label}${line}`;
  if (!listed) return paragraph(line, columns, label).join('\n');
  return `${label}${itemTexts(name, value).join(`\n${' '.repeat(width(label))}`)}`;
}

/** Text of several lines, such as a certificate, is printed so that it can be copied. */
function isBlock(value: unknown): value is string {
  return typeof value === 'string' && value.includes('\n');
}

function sentence(words: readonly string[]): string {
  const text = words.join(' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
