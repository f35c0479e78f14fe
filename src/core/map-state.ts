/** State in maps, for simulation and tests; production reads SQLite through the same interface (store/). It never bounds memory. */
import type { FoldTarget, Scan, StateView } from './state.ts';
import type { Cell, Index } from './table.ts';
import { type AnyRow, type IndexName, indexOf, type Row, type TableName } from './tables.ts';

export class MapState implements StateView, FoldTarget {
  readonly #tables = new Map<TableName, Map<string, AnyRow>>();

  getRow(table: TableName, id: string): AnyRow | undefined {
    return this.#tables.get(table)?.get(id);
  }
  putRow(table: TableName, row: AnyRow): void {
    const rows = this.#tables.get(table) ?? new Map<string, AnyRow>();
    this.#tables.set(table, rows.set(row.id, row));
  }

  get<T extends TableName>(table: T, id: string): Row<T> | undefined {
    return this.getRow(table, id) as Row<T> | undefined;
  }
  scan<T extends TableName>(table: T, index: IndexName<T>, scan: Scan): readonly Row<T>[] {
    const { columns } = indexOf(table, index);
    const rows = this.#matching(table, index, scan);
    rows.sort((a, b) => compareBy([...columns, 'id'], a, b));
    if (scan.reverse) rows.reverse();
    return rows.slice(0, scan.limit) as unknown as Row<T>[];
  }
  count<T extends TableName>(table: T, index: IndexName<T>, scan: Omit<Scan, 'limit' | 'reverse'>): number {
    return this.#matching(table, index, scan).length;
  }
  page<T extends TableName>(table: T, afterId: string, limit: number): readonly Row<T>[] {
    const rows = [...(this.#tables.get(table)?.values() ?? [])].filter((row) => row.id > afterId);
    return rows.sort((a, b) => compareCells(a.id, b.id)).slice(0, limit) as unknown as Row<T>[];
  }

  #matching(table: TableName, name: string, scan: Omit<Scan, 'limit'>): AnyRow[] {
    const index = indexOf(table, name);
    const { columns } = index;
    const next = columns[scan.equals.length];
    return [...(this.#tables.get(table)?.values() ?? [])].filter(
      (row) =>
        isIn(index, row) &&
        scan.equals.every((cell, i) => (row[columns[i] ?? ''] ?? null) === cell) &&
        (next === undefined || inRange(row[next] ?? null, scan)),
    );
  }
}

function isIn({ whereNull = [], whereFilled }: Index, row: AnyRow): boolean {
  const filled = whereFilled === undefined || (row[whereFilled] ?? '') !== '';
  return filled && whereNull.every((column) => (row[column] ?? null) === null);
}

/** As SQL compares: NULL is in no bounded range. */
function inRange(cell: Cell, { atLeast, atMost }: Pick<Scan, 'atLeast' | 'atMost'>): boolean {
  if (atLeast === undefined && atMost === undefined) return true;
  if (cell === null) return false;
  return (
    (atLeast == null || compareCells(cell, atLeast) >= 0) &&
    (atMost == null || compareCells(cell, atMost) <= 0)
  );
}

function compareBy(columns: readonly string[], a: AnyRow, b: AnyRow): number {
  for (const column of columns) {
    const order = compareCells(a[column] ?? null, b[column] ?? null);
    if (order !== 0) return order;
  }
  return 0;
}

/** SQLite's order: NULL, then numbers, then text by bytes (all our text that is indexed and ordered is compared by code unit). */
function compareCells(a: Cell, b: Cell): number {
  if (a === b) return 0;
  const rank = (cell: Cell) => (cell === null ? 0 : typeof cell === 'number' ? 1 : 2);
  return rank(a) - rank(b) || ((a ?? '') < (b ?? '') ? -1 : 1);
}
