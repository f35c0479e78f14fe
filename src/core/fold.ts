/** Folds facts into rows so that any order of arrival gives the same rows (D2); it decides nothing and refuses nothing. */
import { readColumnStamps, writeColumnStamps } from './column-stamps.ts';
import type { EventFact, Fact, LogEntry, SetFact } from './facts.ts';
import type { Stamp } from './stamp.ts';
import type { FoldTarget } from './state.ts';
import type { Cell } from './table.ts';
import { type AnyRow, columnNames, TABLES, type TableName, tableOf } from './tables.ts';

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

function emptyRow(table: TableName, id: string): AnyRow {
  const row: Draft = { id, stamps: '{}' };
  for (const column of columnNames(table)) if (!(column in row)) row[column] = null;
  return row as AnyRow;
}

/** First wins: of two facts of one event the earlier stamp keeps all its columns; equal stamps are the same entry, the last fact counts. */
function foldEvent(row: Draft, fact: EventFact, stamp: Stamp): boolean {
  if (!tableOf(fact.table).events.includes(fact.event))
    throw new Error(`${fact.table} has no event ${fact.event}`);
  const stampColumn = `${fact.event}Stamp`;
  const known = row[stampColumn];
  if (typeof known === 'string' && known < stamp) return false;
  row[stampColumn] = stamp;
  const { columns } = tableOf(fact.table);
  for (const [name, column] of Object.entries(columns))
    if (column.rule === fact.event) row[name] = fact.cells[name] ?? null;
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
