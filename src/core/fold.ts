/** Folds facts into rows so that any order of arrival gives the same rows (D2); it decides nothing and refuses nothing. */
import { readColumnStamps, writeColumnStamps } from './column-stamps.ts';
import type { EventFact, Fact, LogEntry, SetFact } from './facts.ts';
import type { Stamp } from './stamp.ts';
import type { FoldTarget } from './state.ts';
import type { Cell } from './table.ts';
import { type AnyRow, columnNames, TABLE_NAMES, TABLES, type TableName, tableOf } from './tables.ts';

type Draft = { id: string; stamps: string; [column: string]: Cell };

export function foldEntry(target: FoldTarget, entry: LogEntry): void {
  for (const fact of entry.facts) foldFact(target, fact, entry.stamp);
}

export function foldFact(target: FoldTarget, fact: Fact, stamp: Stamp): void {
  if (!Object.hasOwn(TABLES, fact.table)) throw new Error(`there is no table ${fact.table}`);
  const row: Draft = { ...(target.getRow(fact.table, fact.id) ?? emptyRow(fact.table, fact.id)) };
  const changed = 'set' in fact ? foldSet(row, fact, stamp) : foldEvent(row, fact, stamp);
  if (changed) target.putRow(fact.table, row as AnyRow);
}

/** Of each table a row before any fact. */
const EMPTY = new Map(
  TABLE_NAMES.map((table) => [
    table,
    Object.fromEntries(columnNames(table).map((column): [string, Cell] => [column, null])),
  ]),
);
/** By table and event: the columns that come with it. */
const EVENT_COLUMNS = new Map(
  TABLE_NAMES.flatMap((table) => {
    const columns = Object.entries(tableOf(table).columns);
    return tableOf(table).events.map((event): [string, readonly string[]] => [
      `${table} ${event}`,
      columns.filter(([, { rule }]) => rule === event).map(([name]) => name),
    ]);
  }),
);

function emptyRow(table: TableName, id: string): AnyRow {
  return { ...EMPTY.get(table), id, stamps: '{}' };
}

/** First wins: of two facts of one event the earlier stamp keeps all its columns; equal stamps are the same entry, the last fact counts. */
function foldEvent(row: Draft, fact: EventFact, stamp: Stamp): boolean {
  const columns = EVENT_COLUMNS.get(`${fact.table} ${fact.event}`);
  if (columns === undefined) throw new Error(`${fact.table} has no event ${fact.event}`);
  const stampColumn = `${fact.event}Stamp`;
  const known = row[stampColumn];
  if (typeof known === 'string' && known < stamp) return false;
  row[stampColumn] = stamp;
  for (const name of columns) row[name] = fact.cells[name] ?? null;
  return true;
}

/** Last wins, each column by itself. */
function foldSet(row: Draft, fact: SetFact, stamp: Stamp): boolean {
  const stamps = readColumnStamps(row.stamps);
  let changed = false;
  const { columns } = tableOf(fact.table);
  for (const [name, value] of Object.entries(fact.set)) {
    if (columns[name]?.rule !== 'lww') throw new Error(`${fact.table}.${name} cannot be set`);
    const known = stamps.get(name);
    if (known !== undefined && known > stamp) continue;
    row[name] = value;
    stamps.set(name, stamp);
    changed = true;
  }
  if (changed) row.stamps = writeColumnStamps(stamps);
  return changed;
}
