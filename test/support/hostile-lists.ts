/** Questions to one list that must be refused, or find nothing: filters, orders and cursors that try to be more than values. It sends nothing. */
import { z } from 'zod';
import type { RoutedOperation } from '../../src/services/management/routes.ts';
import type { HostileRequest } from './hostile-requests.ts';

const listOutput = z.object({
  properties: z.object({
    rows: z.object({ items: z.object({ properties: z.record(z.string(), z.unknown()) }) }),
  }),
});

/** The columns of a list; none where the operation is not one. */
export function columnsShown({ output }: RoutedOperation): readonly string[] {
  const schema = listOutput.safeParse(z.toJSONSchema(output, { unrepresentable: 'any' }));
  return Object.keys(schema.data?.properties.rows.items.properties ?? {});
}

const NO_FILTERS = [
  '',
  '=',
  'a',
  'empty',
  'nosuch=1',
  'rowid=1',
  'stamps=1',
  '__proto__=1',
  'constructor=1',
  'toString empty',
  'hasOwnProperty notempty',
  '1=1',
  "' OR '1'='1",
];
/** Behind a column's name: no filter at all. */
const NO_TESTS = [
  '',
  ' LIKE a',
  ' IS NULL',
  ' is empty',
  ' empty; DROP TABLE key',
  '; DROP TABLE key; --',
  '"="1',
  ' || 1 = 1',
  '=\u0000',
  '=a\u001b[2J',
  '>',
  '~',
  '\u200b=1',
];
/** What a column's value may be tested against, without being more than a value. */
const INJECTIONS = [
  "=' OR '1'='1",
  '=" OR ""="',
  "=x'; DROP TABLE key; --",
  "~' UNION SELECT bytes FROM object --",
  '~%',
  '~_%',
  '=*',
  '=[object Object]',
  '=\u202eabc',
];
const NO_SORTS = [
  'nosuch',
  '-',
  '--user',
  '1',
  'rowid',
  '__proto__',
  '-constructor',
  'toString',
  "a'; DROP TABLE key; --",
];
const NO_CURSORS = ['a', 'AAAA', '%3D%3D', '..%2f', 'null', "'%20OR%201=1"];
const NO_CURSOR_VALUES = [
  null,
  {},
  [],
  [1, 2, 3],
  ['00000000', null, ''],
  ['00000000', "' OR 1=1 --", 'a'],
  { 0: 'a', length: 3 },
];

const encodedCursor = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** `path` is that of the list, with what it is about. */
export function hostileQuestions(operation: RoutedOperation, path: string): HostileRequest[] {
  const columns = columnsShown(operation);
  const [first = ''] = columns;
  const ask = (query: string, codes: readonly string[]): HostileRequest => ({
    what: `${operation.name}: ?${decodeURIComponent(query).slice(0, 80)}`,
    method: 'GET',
    path: `${path}?${query}`,
    headers: {},
    codes,
  });
  const filter = (text: string) => ask(`filter=${encodeURIComponent(text)}`, ['FILTER_INVALID']);
  const oneFilter = `filter=${first}+notempty`;
  return [
    ...NO_FILTERS.map(filter),
    ...NO_TESTS.map((test, i) => filter(`${columns[i % columns.length]}${test}`)),
    ...columns.flatMap((column) => [
      filter(`"${column}"=1`),
      filter(`main.${column}=1`),
      filter(`(${column})=1`),
    ]),
    ...columns.flatMap((column) =>
      INJECTIONS.map((test) => ({ ...filter(`${column}${test}`), allowed: 'empty page' as const })),
    ),
    ask(Array(101).fill(oneFilter).join('&'), ['INVALID_PARAMETERS']),
    ask(`filter=${first}=${'a'.repeat(1025)}`, ['INVALID_PARAMETERS']),
    ...[...NO_SORTS, `${first} desc`, `${first},${first}`, `${first}\u200b`].map((sort) =>
      ask(`sort=${encodeURIComponent(sort)}`, ['SORT_INVALID']),
    ),
    ask(`sort=${'a'.repeat(65)}`, ['INVALID_PARAMETERS']),
    ...[...NO_CURSORS, ...NO_CURSOR_VALUES.map(encodedCursor)].map((after) =>
      ask(`after=${after}`, ['CURSOR_INVALID']),
    ),
    ask(`after=${'A'.repeat(4097)}`, ['INVALID_PARAMETERS']),
  ];
}

const PLACES: readonly (readonly [unknown, unknown])[] = [
  [null, ''],
  ["' OR 1=1 --", 'a'],
  [1e308, 'a'],
  [-0.5, -1],
  ['\ud800', '\udc00'],
  ['\u0000', '\u0000'],
  ['\u{10ffff}'.repeat(500), 1e308],
  [2 ** 53, 2 ** 53],
  [true, 'a'],
  ['a', null],
  [{}, []],
];

/** With the mark of a true cursor, and places that no page ended at. */
export function forgedCursors(operation: RoutedOperation, path: string, cursor: string): HostileRequest[] {
  const [mark] = z
    .tuple([z.string()])
    .rest(z.unknown())
    .parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
  return PLACES.map(([cell, id]) => ({
    what: `${operation.name}: cursor ${JSON.stringify([cell, id]).slice(0, 60)}`,
    method: 'GET',
    path: `${path}?limit=1&after=${encodedCursor([mark, cell, id])}`,
    headers: {},
    codes: ['CURSOR_INVALID'],
    allowed: 'page',
  }));
}
