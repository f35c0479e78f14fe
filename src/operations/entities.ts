/** What the operations on named entities share: finding by name, refusing namesakes, names as shown in lists, walking small tables. */
import { byName, isLive } from '../core/live.ts';
import { type Refusal, refuse } from '../core/refusal.ts';
import type { StateView } from '../core/state.ts';
import type { IndexName, Row, TableName } from '../core/tables.ts';
import type { ErrorCode } from '../errors.ts';

export type Named = 'site' | 'user' | 'key_policy' | 'key_group' | 'agent' | 'kma' | 'snmp_manager';

/** Living entities of one name, made on different sides of partitions. */
const NAMESAKES_MAX = 64;

/** By name, or by the name~xxxx under which a later namesake is shown. */
export function find<T extends Named>(
  state: StateView,
  table: T,
  name: string,
  missing: ErrorCode,
): Row<T> | Refusal {
  return named(state, table, name) ?? refuse(missing, name);
}

export function named<T extends Named>(state: StateView, table: T, name: string): Row<T> | undefined {
  return byName(state, table, name) ?? namesake(state, table, name);
}

function namesake<T extends Named>(state: StateView, table: T, name: string): Row<T> | undefined {
  const [, shared, ending] = /^(.+)~([0-9A-F]{4})$/.exec(name) ?? [];
  if (shared === undefined || ending === undefined) return undefined;
  return state
    .scan(table, 'name' as IndexName<T>, { equals: [shared, null], limit: NAMESAKES_MAX })
    .find((row) => isLive(row) && row.id.endsWith(ending));
}

/** Lists of people, policies and agents are bounded by this, far above what a cluster has. */
export const ENTITIES_MAX = 100_000;
const PAGE_ROWS = 500;

/** All living rows of a table in order of name; for views, which run in the reader. */
export function livingRows<T extends Named>(state: StateView, table: T): Row<T>[] {
  const rows = walk(state, table, '', ENTITIES_MAX, ENTITIES_MAX, isLive);
  const order = (row: Row<T>) => `${row.name}\u0000${row.createdStamp}${row.id}`;
  return rows.sort((a, b) => (order(a) < order(b) ? -1 : 1));
}

/** A row that a list of the store has just named. */
export function held<R>(row: R | undefined): R {
  if (row === undefined) throw new Error('a list names a row that is not there');
  return row;
}

/** Rows in order of ID after `after` which fit, at most `limit` of them, looking at no more than `examinedMax`; for views. */
export function walk<T extends TableName>(
  state: StateView,
  table: T,
  after: string,
  examinedMax: number,
  limit: number,
  fits: (row: Row<T>) => boolean,
): Row<T>[] {
  const found: Row<T>[] = [];
  let afterId = after;
  for (let examined = 0; examined < examinedMax && found.length < limit; examined += PAGE_ROWS) {
    const page = state.page(table, afterId, PAGE_ROWS);
    found.push(...page.filter(fits));
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE_ROWS) break;
    afterId = last.id;
  }
  return found.slice(0, limit);
}

/** Looks at rows in order of ID, at most so many, and holds only a page of them at a time; for views. */
export function visitRows<T extends TableName>(
  state: StateView,
  table: T,
  examinedMax: number,
  visit: (row: Row<T>) => void,
): void {
  let afterId = '';
  for (let left = examinedMax; left > 0; left -= PAGE_ROWS) {
    const page = state.page(table, afterId, Math.min(PAGE_ROWS, left));
    for (const row of page) visit(row);
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE_ROWS) return;
    afterId = last.id;
  }
}

/** Of namesakes made on two sides of a partition the earlier keeps the name; the other is shown as name~xxxx (D2). */
export function shownName<T extends Named>(state: StateView, table: T, row: Row<T> | undefined): string {
  if (row === undefined || row.name === null) return '';
  return byName(state, table, row.name)?.id === row.id ? row.name : `${row.name}~${row.id.slice(-4)}`;
}

/** The shown name of a reference, "" for none. */
export function nameOf<T extends Named>(state: StateView, table: T, id: string | null): string {
  return id === null ? '' : shownName(state, table, state.get(table, id));
}

/** Whether any living row refers to the ID through an index of (reference, removedStamp): whether something is in use. */
export function isUsed<T extends 'agent' | 'kma' | 'key_group'>(
  state: StateView,
  table: T,
  index: IndexName<T>,
  id: string,
): boolean {
  return state.count(table, index, { equals: [id, null] }) > 0;
}
