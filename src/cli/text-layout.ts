/** Lists as tables and records as lines of name and value, for people; what does not fit is shortened here and whole in JSON. */
import { asPage } from '../operations/pages.ts';
import { headingWords, itemTexts, NOTHING, printable, valueText } from './cell-text.ts';
import { paragraph } from './paragraph.ts';
import { width } from './width.ts';

type Fields = Readonly<Record<string, unknown>>;

const GAP = '  ';
/** Items of a record's list stand in one line up to this width. */
const LINE_WIDTH = 70;
/** A field that is to be copied, and so is not broken. */
const COMMAND = 'next';
/** Long text goes to the end of a row, where it pushes nothing aside. */
const LAST = /^(description|message|solution)$|Comment$/;
/** Of an audit record: its row number names it already, its class and term follow from the operation. */
const AUDIT_HIDDEN = new Set(['id', 'class', 'term']);
const LONG_HEX = /\b[0-9A-F]{24,}\b/g;
const HEX_HEAD = 12;
const HEX_TAIL = 4;

/** Lines of at most so many columns, where words allow it: a table that is wider comes as a record for each row. */
export function asText(output: unknown, columns = Number.POSITIVE_INFINITY): string {
  if (output === null || output === undefined) return 'done\n';
  const rows = asPage(output)?.rows ?? output;
  if (Array.isArray(rows)) return rows.length === 0 ? '(none)\n' : list(rows.map(fieldsOf), columns);
  return typeof output === 'object' ? record(fieldsOf(output), columns) : `${valueText('', output)}\n`;
}

function list(rows: readonly Fields[], columns: number): string {
  const names = columnsOf(rows);
  const text = table(rows, names);
  if (text.split('\n').every((line) => width(line) <= columns)) return text;
  return rows
    .map((row) => record(Object.fromEntries(names.map((name) => [name, row[name]])), columns))
    .join('\n');
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : { value };
}

/** Columns without any value are left out; the first column names the row and is never shortened. */
function table(rows: readonly Fields[], names: readonly string[]): string {
  const cells = rows.map((row) =>
    names.map((name, index) => {
      const text = valueText(name, row[name]);
      return index === 0 ? text : text.replace(LONG_HEX, shortHex);
    }),
  );
  const headings = names.map((name) => headingWords(name).join(' ').toUpperCase());
  const numeric = names.map((name) => rows.every((row) => typeof row[name] === 'number'));
  const widths = headings.map((_, index) =>
    Math.max(...[headings, ...cells].map((row) => width(row[index]))),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, index) => pad(cell, widths[index] ?? 0, numeric[index] === true))
      .join(GAP)
      .trimEnd();
  return `${[headings, ...cells].map(line).join('\n')}\n`;
}

function columnsOf(rows: readonly Fields[]): string[] {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const audit = names[0] === 'row';
  const shown = names.filter(
    (name, index) =>
      index === 0 ||
      (!(audit && AUDIT_HIDDEN.has(name)) && rows.some((row) => valueText(name, row[name]) !== NOTHING)),
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
  const labels = entries.map(([name]) => sentence(headingWords(name)));
  const labelWidth = Math.max(...labels.map(width));
  return entries
    .map(([name, value], index) => {
      const label = labels[index] ?? '';
      return isBlock(value)
        ? `${label}:\n${value.trimEnd().split('\n').map(printable).join('\n')}\n`
        : `${itemLines(name, value, `${pad(label, labelWidth, false)}${GAP}`, columns)}\n`;
    })
    .join('');
}

function itemLines(name: string, value: unknown, label: string, columns: number): string {
  const line = valueText(name, value);
  const listed = Array.isArray(value) && width(line) > LINE_WIDTH;
  if (name === COMMAND) return `${label}${line}`;
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

function shortHex(hex: string): string {
  return `${hex.slice(0, HEX_HEAD)}..${hex.slice(-HEX_TAIL)}`;
}

function pad(text: string, to: number, right: boolean): string {
  const blanks = ' '.repeat(Math.max(0, to - width(text)));
  return right ? blanks + text : text + blanks;
}
