/** Makes the whole operation of a list out of its rows: input, output, filters, order, paging (product reference 13). It knows no list. */
import { z } from 'zod';
import { type Page, pageWithin, type RowId } from '../../core/list-page.ts';
import { isRefusal, type Refusal } from '../../core/refusal.ts';
import type { DecideContext, PrepareContext, ViewContext } from '../contexts.ts';
import { limit } from '../fields.ts';
import { FILTER_FIELD } from '../input-fields.ts';
import { type Operation, operation } from '../operation.ts';
import { type Column, type Columns, type ColumnType, columnsOf } from './column.ts';
import type { Filter } from './filter.ts';
import { type Asked, type Question, type Read, readQuestion } from './question.ts';
import { pageOf } from './row-page.ts';

/** Tables whose rows are too many to be looked at one by one: the store selects and orders them. */
export type StoredRows = 'data_unit' | 'key' | 'audit';

export interface ListReader {
  /** Which rows, in which order; the values it goes by are those shown (lists.contract.ts). */
  page(rows: StoredRows, question: Question): Page<RowId>;
}

type Row<R extends z.ZodRawShape> = z.infer<z.ZodObject<R>>;
/** A list's own input fields, such as whose history it is. */
type Scope<S extends z.ZodRawShape> = z.infer<z.ZodObject<S>>;

interface Settings<R extends z.ZodRawShape, S extends z.ZodRawShape>
  extends Omit<Operation, 'input' | 'output' | 'prepare' | 'decide' | 'reply' | 'view' | 'inspect'> {
  /** What is shown; every field is a column that can be filtered and sorted by. */
  readonly row: z.ZodObject<R>;
  /** The column of the order where nothing else is asked for. */
  readonly order: keyof R & string;
  readonly descending?: boolean;
  readonly scope?: S;
}
export interface ListOutput<R extends z.ZodRawShape> {
  readonly rows: readonly Row<R>[];
  /** Cursor of the next page; null where the list ends. */
  readonly next: string | null;
}

type Answer<R extends z.ZodRawShape> = Page<Row<R>> | Refusal;

/** A list whose rows can all be looked at; `key` names the columns that tell its rows apart. */
export function listOperation<R extends z.ZodRawShape, S extends z.ZodRawShape = Record<never, never>>({
  rows,
  key,
  ...settings
}: Settings<R, S> & {
  readonly key: readonly (keyof R & string)[];
  rows(context: ViewContext, scope: Scope<S>): readonly Row<R>[] | Refusal;
}) {
  const columns = columnsOf(settings.row);
  return listing<R, S>(settings, (question, context, scope) => {
    const all = rows(context, scope);
    return isRefusal(all) ? all : pageOf(all, idBy(key), columns, question);
  });
}

/** A list of what only the running core knows, or knows better than the reader, which then makes the rows first. */
export function listOfCore<R extends z.ZodRawShape, S extends z.ZodRawShape = Record<never, never>>({
  counted,
  rows,
  key,
  ...settings
}: Settings<R, S> & {
  readonly key: readonly (keyof R & string)[];
  counted?(context: ViewContext): readonly Row<R>[];
  rows(context: DecideContext, scope: Scope<S>, counted: readonly Row<R>[]): readonly Row<R>[];
}) {
  const columns = columnsOf(settings.row);
  const { record, read } = recordOf(settings);
  return operation<Asked & Scope<S>, ListOutput<R> | undefined, ListOutput<R>, ListOutput<R>>({
    ...record,
    ...(counted === undefined
      ? {}
      : { view: (_given, context) => ({ rows: [...counted(context)], next: null }) }),
    decide(given, context, found) {
      const asked = read(given);
      if (isRefusal(asked)) return asked;
      const page = pageOf(rows(context, given, found?.rows ?? []), idBy(key), columns, asked.question);
      return { facts: [], output: outputOf(page, asked) };
    },
  });
}

/** A list of what a process beside the core knows: it is asked first, and what it answers makes the rows. */
export function listOfAsked<A, R extends z.ZodRawShape>({
  ask,
  rows,
  key,
  ...settings
}: Settings<R, Record<never, never>> & {
  readonly key: readonly (keyof R & string)[];
  ask(context: PrepareContext): Promise<A>;
  rows(answer: A): readonly Row<R>[];
}) {
  const columns = columnsOf(settings.row);
  const { record, read } = recordOf<R, Record<never, never>>(settings);
  return operation<Asked, A, ListOutput<R>, ListOutput<R>>({
    ...record,
    prepare: (_given, context) => ask(context),
    decide(given, _context, answer) {
      const asked = read(given);
      if (isRefusal(asked)) return asked;
      const page = pageOf(rows(answer), idBy(key), columns, asked.question);
      return { facts: [], output: outputOf(page, asked) };
    },
  });
}

/** A list of rows that the store selects, except where `few` has them all. */
export function storedListOperation<R extends z.ZodRawShape, S extends z.ZodRawShape = Record<never, never>>({
  stored,
  shown,
  few,
  within,
  ...settings
}: Settings<R, S> & {
  readonly stored: StoredRows;
  /** The column with the ID by which the store knows the row. */
  readonly key: keyof R & string;
  /** Of rows that there are. */
  shown(context: ViewContext): (id: RowId) => Row<R>;
  few?(context: ViewContext, scope: Scope<S>): readonly Row<R>[] | Refusal | null;
  /** What the scope asks for. */
  within?(scope: Scope<S>): readonly Filter[];
}) {
  const { key, ...record } = settings;
  const columns = columnsOf(record.row);
  return listing<R, S>(record, (question, context, scope) => {
    const all = few?.(context, scope) ?? null;
    if (isRefusal(all)) return all;
    if (all !== null) return pageOf(all, (row) => row[key as keyof Row<R>] as RowId, columns, question);
    const filters = [...(within?.(scope) ?? []), ...question.filters];
    const page = context.lists.page(stored, { ...question, filters });
    return { ...page, rows: page.rows.map(shown(context)) };
  });
}

/** What tells the rows of a list apart. */
const idBy = (key: readonly string[]) => (row: object) => {
  const cells = row as Readonly<Record<string, unknown>>;
  return key.map((name) => String(cells[name])).join('\u0000');
};

function listing<R extends z.ZodRawShape, S extends z.ZodRawShape>(
  settings: Settings<R, S>,
  answer: (question: Question, context: ViewContext, scope: Scope<S>) => Answer<R>,
) {
  const { record, read } = recordOf(settings);
  return operation({
    ...record,
    view(given: Asked & Scope<S>, context: ViewContext) {
      const asked = read(given);
      if (isRefusal(asked)) return asked;
      const page = answer(asked.question, context, given);
      return isRefusal(page) ? page : outputOf(page, asked);
    },
  });
}

/** One answer is one message between processes, of 4 MiB at most (src/processes/frame.ts); rows with long texts may come to more. A character has three bytes at most there. */
const PAGE_CHARACTERS_MAX = 1024 * 1024;

function outputOf<T>(page: Page<T>, { cursor }: Read) {
  const { rows, last } = pageWithin(page, PAGE_CHARACTERS_MAX);
  return { rows, next: last === null ? null : cursor(last) };
}

/** What all lists have in common: everything but where their rows are. */
function recordOf<R extends z.ZodRawShape, S extends z.ZodRawShape>({
  row,
  order,
  descending,
  scope,
  ...record
}: Settings<R, S>) {
  const columns = columnsOf(row);
  const subject = { list: record.name, columns, order: { column: order, descending: descending === true } };
  // The compiler does not add up the fields of two shapes of which it knows neither.
  const input = z.strictObject({ ...scope, ...pageFields(columns) }) as unknown as z.ZodType<
    Asked & Scope<S>
  >;
  const output = z.strictObject({ rows: z.array(row), next: z.string().nullable() }) as unknown as z.ZodType<
    ListOutput<R>
  >;
  const read = ({ filter, sort, after, limit: rowsAtMost, ...own }: Asked) =>
    readQuestion({ filter, sort, after, limit: rowsAtMost }, { ...subject, scope: own });
  return { record: { ...record, input, output }, read };
}

/** Filters of one question; each is looked at for each row. */
const FILTERS_MAX = 100;
const FILTER_CHARACTERS_MAX = 1024;
/** A cursor carries one value of a row. */
const CURSOR_CHARACTERS_MAX = 4096;

function pageFields(columns: Columns) {
  const names = Object.keys(columns).join(', ');
  return {
    [FILTER_FIELD]: z
      .array(z.string().max(FILTER_CHARACTERS_MAX))
      .max(FILTERS_MAX)
      .default([])
      .meta({
        description: `only rows that fit, such as "${exampleOf(columns)}"; operators = <> < > <= >= ~ (begins with) empty notempty; columns ${names}`,
      }),
    sort: z.string().max(64).optional().meta({ description: 'by this column; -COLUMN is descending' }),
    after: z
      .string()
      .max(CURSOR_CHARACTERS_MAX)
      .optional()
      .meta({ description: 'goes on where the page before named its next' }),
    limit: limit(),
  };
}

const EXAMPLES: Readonly<Record<ColumnType, string>> = {
  text: '~a',
  texts: '=a',
  number: '>10',
  flag: '=true',
  date: '>=2026-11-01',
  duration: '>=90d',
};

/** With the column that tells most: one of a few values, a flag, else the first. */
function exampleOf(columns: Columns): string {
  const all = Object.entries(columns);
  const telling = ([, { choices, type }]: [string, Column]) => (choices?.length ?? 0) > 1 || type === 'flag';
  const [name, column] = all.find(telling) ?? all[0] ?? [];
  if (name === undefined || column === undefined) throw new Error('a list has columns');
  return `${name}${column.choices === undefined ? EXAMPLES[column.type] : `=${column.choices[0]}`}`;
}
