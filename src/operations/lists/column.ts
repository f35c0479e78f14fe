/** The columns of a list: what an output field holds, and how its value compares with others. It knows no rows and no SQL. */
import { z } from 'zod';
import { ORDERED_CHARACTERS } from '../../core/list-page.ts';
import type { Cell } from '../../core/table.ts';
import { durationSeconds } from '../fields.ts';

/** `texts` holds several; a filter fits where one of them does. Dates are compared as milliseconds, lengths of time as seconds. */
export type ColumnType = 'text' | 'texts' | 'number' | 'flag' | 'date' | 'duration';

export interface Column {
  readonly type: ColumnType;
  /** The only values there are. */
  readonly choices?: readonly string[];
}
export type Columns = { readonly [name: string]: Column };

/** Every field of a shown row is a column; names of dates end in "At" or "Until", of lengths of time in "period" throughout. */
export function columnsOf(row: z.ZodObject): Columns {
  const read = (name: string, schema: unknown): Column => {
    if (schema instanceof z.ZodNumber) return { type: 'number' };
    if (schema instanceof z.ZodBoolean) return { type: 'flag' };
    if (schema instanceof z.ZodArray) return { type: 'texts', ...choicesOf(schema.element) };
    if (/(?:At|Until)$|^not(?:Before|After)$/.test(name)) return { type: 'date' };
    if (/period$/i.test(name)) return { type: 'duration' };
    return { type: 'text', ...choicesOf(schema) };
  };
  return Object.fromEntries(Object.entries(row.shape).map(([name, schema]) => [name, read(name, schema)]));
}

function choicesOf(schema: unknown): Pick<Column, 'choices'> {
  if (schema instanceof z.ZodEnum) return { choices: schema.options.map(String) };
  if (schema instanceof z.ZodLiteral) return { choices: [...schema.values].map(String) };
  return {};
}

/** A shown value as it compares; null for nothing, which the empty text is too. */
export function cellOf({ type }: Column, shown: unknown): Cell {
  if (type === 'flag') return shown === true ? 1 : 0;
  if (typeof shown === 'number') return shown;
  if (Array.isArray(shown)) return shown.length === 0 ? null : shown.join(', ');
  if (typeof shown !== 'string' || shown === '') return null;
  if (type === 'duration') return durationSeconds(shown);
  return type === 'date' ? Date.parse(shown) : shown;
}

/** A shown value as a list is ordered by it. */
export function orderCell(column: Column, shown: unknown): Cell {
  const cell = cellOf(column, shown);
  return typeof cell === 'string' ? [...cell].slice(0, ORDERED_CHARACTERS).join('') : cell;
}

/** What a filter is held against: of `texts` each item. */
export function cellsOf(column: Column, shown: unknown): readonly Cell[] {
  return Array.isArray(shown) && shown.length > 0 ? shown.map(String) : [cellOf(column, shown)];
}
