/** The hash of a state in maps: over the same canonical lines as that of a store, added up so that only rows that changed are read again. */

import type { MapState } from '../../src/core/map-state.ts';
import { lineColumns, stateLine } from '../../src/core/state-line.ts';
import { type AnyRow, TABLE_NAMES, type TableName } from '../../src/core/tables.ts';

const COLUMNS = new Map(TABLE_NAMES.map((table) => [table, lineColumns(table)]));
/** Rows are replaced and never changed. */
const known = new WeakMap<AnyRow, number>();
export const HASH_MODULUS = 2 ** 48;

export function mapStateHash(state: MapState): string {
  let sum = 0;
  for (const table of TABLE_NAMES)
    for (const row of state.rows(table)) sum = (sum + hashOfRow(table, row)) % HASH_MODULUS;
  return sum.toString(16);
}

/** The lines of one state that the other has not, for people. */
export function differences(one: MapState, other: MapState, most: number): string[] {
  return TABLE_NAMES.flatMap((table) => {
    const lines = (state: MapState) => [...state.rows(table)].map((row) => lineOf(table, row));
    const known = new Set(lines(other));
    return lines(one).filter((line) => !known.has(line));
  }).slice(0, most);
}

function lineOf(table: TableName, row: AnyRow): string {
  const columns = COLUMNS.get(table) ?? [];
  return stateLine(
    table,
    columns,
    columns.map((column) => row[column] ?? null),
  );
}

/** 48 bits of two hashes after Fowler, Noll and Vo. */
export function hashOfRow(table: TableName, row: AnyRow): number {
  const before = known.get(row);
  if (before !== undefined) return before;
  const line = lineOf(table, row);
  let [a, b] = [2_166_136_261, 16_777_619];
  for (let i = 0; i < line.length; i++) {
    const code = line.charCodeAt(i);
    a = Math.imul(a ^ code, 16_777_619);
    b = Math.imul(b + code, 0x85eb_ca6b) ^ (b >>> 13);
  }
  const hash = (a >>> 0) * 65_536 + (b >>> 16);
  known.set(row, hash);
  return hash;
}
