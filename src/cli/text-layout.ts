/** Lists as tables and records as lines of name and value, for people; what does not fit is shortened here and whole in JSON. */
import { headingWords, itemTexts, NOTHING, printable, valueText } from './cell-text.ts';

type Fields = Readonly<Record<string, unknown>>;

const GAP = '  ';
/** Items of a record's list stand in one line up to this width. */
const LINE_WIDTH = 70;
/** Long text goes to the end of a row, where it pushes nothing aside. */
const LAST = /^(description|message|solution)$|Comment$/;
/** Of an audit record: its row number names it already, its class and term follow from the operation. */
const AUDIT_HIDDEN = new Set(['id', 'class', 'term']);
const LONG_HEX = /\b[0-9A-F]{24,}\b/g;
const HEX_HEAD = 12;
const HEX_TAIL = 4;
/** Characters that take two places on a terminal. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const NO_WIDTH = /\p{M}/u;

export function asText(output: unknown): string {
  if (output === null || output === undefined) return 'done\n';
  if (Array.isArray(output)) return output.length === 0 ? '(none)\n' : table(output.map(fieldsOf));
  return typeof output === 'object' ? record(fieldsOf(output)) : `${valueText('', output)}\n`;
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : { value };
}

/** Columns without any value are left out; the first column names the row and is never shortened. */
function table(rows: readonly Fields[]): string {
  const columns = columnsOf(rows);
  const cells = rows.map((row) =>
    columns.map((name, index) => {
      const text = valueText(name, row[name]);
      return index === 0 ? text : text.replace(LONG_HEX, shortHex);
    }),
  );
  const headings = columns.map((name) => headingWords(name).join(' ').toUpperCase());
  const numeric = columns.map((name) => rows.every((row) => typeof row[name] === 'number'));
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

function record(fields: Fields): string {
  const entries = Object.entries(fields);
  if (entries.length === 0) return 'done\n';
  const labels = entries.map(([name]) => sentence(headingWords(name)));
  const labelWidth = Math.max(...labels.map(width));
  return entries
    .map(([name, value], index) => {
      const label = labels[index] ?? '';
      return isBlock(value)
        ? `${label}:\n${value.trimEnd().split('\n').map(printable).join('\n')}\n`
        : `${pad(label, labelWidth, false)}${GAP}${itemLines(name, value, labelWidth)}\n`;
    })
    .join('');
}

function itemLines(name: string, value: unknown, indent: number): string {
  const line = valueText(name, value);
  if (!Array.isArray(value) || width(line) <= LINE_WIDTH) return line;
  return itemTexts(name, value).join(`\n${' '.repeat(indent)}${GAP}`);
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

export function width(text = ''): number {
  return [...text].reduce((sum, one) => sum + (NO_WIDTH.test(one) ? 0 : WIDE.test(one) ? 2 : 1), 0);
}

function pad(text: string, to: number, right: boolean): string {
  const blanks = ' '.repeat(Math.max(0, to - width(text)));
  return right ? blanks + text : text + blanks;
}
