/** What is asked of a list: filters, order, where to go on, how many rows. Texts become values here; no row is looked at. */
import { hash } from 'node:crypto';
import { z } from 'zod';
import type { Place } from '../../core/list-page.ts';
import { isRefusal, type Refusal, refuse } from '../../core/refusal.ts';
import type { Columns } from './column.ts';
import type { Filter } from './filter.ts';
import { parseFilter } from './filter-text.ts';

export interface Sort {
  readonly column: string;
  readonly descending: boolean;
}
/** Rows with equal values follow each other by ID, in the same direction; rows without a value come last in either. */
export interface Question {
  readonly filters: readonly Filter[];
  readonly sort: Sort;
  readonly after: Place | null;
  readonly limit: number;
}

/** The input of a list as it arrives. */
export interface Asked {
  readonly filter: readonly string[];
  readonly sort?: string | undefined;
  readonly after?: string | undefined;
  readonly limit: number;
}

/** What a question has besides the page: a cursor of another question leads nowhere. */
interface Subject {
  readonly list: string;
  readonly columns: Columns;
  /** Where nothing else is asked for. */
  readonly order: Sort;
  /** Fields of the list's own, such as whose history it is. */
  readonly scope: object;
}

export interface Read {
  readonly question: Question;
  /** The cursor of the page after one that ends here. */
  cursor(last: Place): string;
}

export function readQuestion(asked: Asked, subject: Subject): Read | Refusal {
  const filters: Filter[] = [];
  for (const text of asked.filter) {
    const filter = parseFilter(text, subject.columns);
    if (isRefusal(filter)) return filter;
    filters.push(filter);
  }
  const sort = asked.sort === undefined ? subject.order : readSort(asked.sort, subject.columns);
  if (isRefusal(sort)) return sort;
  const mark = hash('sha256', JSON.stringify([subject.list, subject.scope, filters, sort]), 'hex').slice(
    0,
    8,
  );
  const after = asked.after === undefined ? null : readCursor(asked.after, mark);
  if (isRefusal(after)) return after;
  return { question: { filters, sort, after, limit: asked.limit }, cursor: (last) => cursorOf(last, mark) };
}

function readSort(text: string, columns: Columns): Sort | Refusal {
  const descending = text.startsWith('-');
  const column = descending ? text.slice(1) : text;
  if (!Object.hasOwn(columns, column))
    return refuse('SORT_INVALID', `columns are ${Object.keys(columns).join(', ')}`);
  return { column, descending };
}

const cursor = z.tuple([
  z.string(),
  z.union([z.string(), z.number(), z.null()]),
  z.union([z.string(), z.number()]),
]);

/** Not signed: it says nothing that a filter could not ask. */
function cursorOf({ cell, id }: Place, mark: string): string {
  return Buffer.from(JSON.stringify([mark, cell, id])).toString('base64url');
}

function readCursor(text: string, mark: string): Place | Refusal {
  const [ofQuestion, cell = null, id = ''] = cursor.safeParse(parsed(text)).data ?? [];
  return ofQuestion === mark ? { cell, id } : refuse('CURSOR_INVALID');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    return null;
  }
}
