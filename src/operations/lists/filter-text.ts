/** Reads filters as people and programs write them: NAME OPERATOR VALUE, with the operators of the product's lists. It carries nothing out. */
import { type Refusal, refuse } from '../../core/refusal.ts';
import { durationSeconds } from '../fields.ts';
import { headingWords } from '../heading.ts';
import type { Column, Columns } from './column.ts';
import type { Bounds, Filter, Test } from './filter.ts';

const FILTER =
  /^\s*([A-Za-z][A-Za-z0-9]*(?: [A-Za-z0-9]+)*?)\s*(?:(<>|<=|>=|[=<>~])(.*)|\s(empty|notempty)\s*)$/su;
const UNPRINTABLE = /[\p{Cc}\p{Cs}]/u;
/** A date, or a date and time with its zone, to the minute, second or a fraction of it. */
const DATE = /^\d{4}-(\d\d)-\d\d(?:T\d\d:\d\d(?<seconds>:\d\d(?<fraction>\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d))?$/;
const NUMBER = /^-?\d{1,15}$/;

type Operator = '=' | '<>' | '<' | '>' | '<=' | '>=' | '~';
/** A value stands for all that begins at `from` and ends before `to`; of texts and numbers, that is the value itself. */
type Span =
  | { readonly value: string | number }
  | { readonly from: string | number; readonly to: string | number };

export function parseFilter(text: string, columns: Columns): Filter | Refusal {
  const [, written = '', operator, value = '', word] = FILTER.exec(text) ?? [];
  const name = columnNamed(written, columns);
  const column = name === undefined ? undefined : columns[name];
  if (operator === undefined && word === undefined)
    return invalid(text, 'NAME=VALUE, with one of = <> < > <= >= ~, or "NAME empty", "NAME notempty"');
  if (name === undefined || column === undefined)
    return invalid(text, `columns are ${Object.keys(columns).join(', ')}`);
  if (word !== undefined) return { column: name, test: { is: 'empty' }, not: word === 'notempty' };
  return readTest(text, name, column, operator as Operator, value.trim().normalize('NFC'));
}

/** As it is called in JSON, or as its heading in a table is read, in any case. */
function columnNamed(written: string, columns: Columns): string | undefined {
  if (Object.hasOwn(columns, written)) return written;
  const asOne = (words: string) => words.replaceAll(' ', '').toLowerCase();
  const fitting = Object.keys(columns).filter((name) =>
    [asOne(name), asOne(headingWords(name).join(''))].includes(asOne(written)),
  );
  return fitting.length === 1 ? fitting[0] : undefined;
}

function readTest(
  text: string,
  name: string,
  column: Column,
  operator: Operator,
  value: string,
): Filter | Refusal {
  const not = operator === '<>';
  const equality = not || operator === '=';
  if (value === '' && equality) return { column: name, test: { is: 'empty' }, not };
  if (value === '') return invalid(text, 'a value is missing');
  if (UNPRINTABLE.test(value)) return invalid(text, 'a value has no control characters');
  if (equality && column.choices?.includes(value) === false)
    return invalid(text, `values are ${column.choices.join(', ')}`);
  const span = spanOf(column, value, operator === '~');
  if (typeof span === 'string') return invalid(text, span);
  const test: Test = { is: 'within', bounds: boundsOf(operator, span) };
  return { column: name, test, not };
}

function invalid(text: string, why: string): Refusal {
  return refuse('FILTER_INVALID', `"${text.slice(0, 100)}": ${why}`);
}

/** The values meant, or what a value has to be. */
function spanOf({ type }: Column, value: string, beginning: boolean): Span | string {
  if (beginning && type !== 'text' && type !== 'texts') return '~ is for texts: what they begin with';
  switch (type) {
    case 'text':
    case 'texts':
      return beginning ? { from: value, to: afterBeginning(value) } : { value };
    case 'number':
      return NUMBER.test(value) ? { value: Number(value) } : 'a whole number';
    case 'flag':
      return value === 'true' || value === 'false' ? { value: Number(value === 'true') } : 'true or false';
    case 'duration': {
      const seconds = durationSeconds(value);
      return seconds === null ? 'a length of time such as 90d' : { value: seconds };
    }
    case 'date':
      return dateSpan(value) ?? 'a date such as 2026-11-25, or 2026-11-25T08:00:00Z with its zone';
  }
}

/** What is shown to the second is found by the second, and a date is the whole day. */
function dateSpan(value: string): Span | null {
  const read = DATE.exec(value);
  const from = read === null ? Number.NaN : Date.parse(value);
  // The 31st of a shorter month would be read as a day of the next one.
  if (Number.isNaN(from) || new Date(Date.parse(value.slice(0, 10))).getUTCMonth() + 1 !== Number(read?.[1]))
    return null;
  return { from, to: from + precisionMs(value, read?.groups) };
}

function precisionMs(value: string, { seconds, fraction }: Record<string, string | undefined> = {}): number {
  if (fraction !== undefined) return 1;
  if (seconds !== undefined) return 1000;
  return value.includes('T') ? 60_000 : 86_400_000;
}

/** The least text above all that begin with this one, by code point. */
function afterBeginning(text: string): string {
  const points = [...text];
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    const point = last.codePointAt(0) ?? 0;
    // Between these two lie the halves of surrogate pairs, which are no characters.
    if (point < 0x10ffff)
      return points.join('') + String.fromCodePoint(point === 0xd7ff ? 0xe000 : point + 1);
  }
  return '\u{10ffff}'.repeat(text.length + 1);
}

function boundsOf(operator: Operator, span: Span): Bounds {
  const value = 'value' in span;
  const first = value ? span.value : span.from;
  switch (operator) {
    case '<':
      return { below: first };
    case '>=':
      return { atLeast: first };
    case '<=':
      return value ? { atMost: first } : { below: span.to };
    case '>':
      return value ? { above: first } : { atLeast: span.to };
    default:
      return value ? { atLeast: first, atMost: first } : { atLeast: first, below: span.to };
  }
}
