/** The rows of one index in order, for state in maps: found by halving and kept in order at each change. It never looks at another index. */
import type { Scan } from './state.ts';
import type { Cell, Index } from './table.ts';
import type { AnyRow } from './tables.ts';

/** Where a scan begins and ends; the end is not in it. */
interface Range {
  readonly start: number;
  readonly end: number;
}

export class OrderedRows {
  readonly #index: Index;
  readonly #rows: AnyRow[];

  constructor(index: Index, rows: Iterable<AnyRow>) {
    this.#index = index;
    this.#rows = [...rows].filter((row) => isIn(index, row)).sort((a, b) => this.#compare(a, b));
  }

  replace(before: AnyRow | undefined, after: AnyRow | undefined): void {
    const from = before !== undefined && isIn(this.#index, before) ? before : undefined;
    const to = after !== undefined && isIn(this.#index, after) ? after : undefined;
    if (from !== undefined && to !== undefined && this.#compare(from, to) === 0) {
      this.#rows[this.#placeOf(from)] = to;
      return;
    }
    if (from !== undefined) this.#rows.splice(this.#placeOf(from), 1);
    if (to !== undefined) this.#rows.splice(this.#placeOf(to), 0, to);
  }

  scan(scan: Scan): readonly AnyRow[] {
    const { start, end } = this.#range(scan);
    if (scan.reverse !== true) return this.#rows.slice(start, Math.min(end, start + scan.limit));
    return this.#rows.slice(Math.max(start, end - scan.limit), end).reverse();
  }
  count(scan: Omit<Scan, 'limit' | 'reverse'>): number {
    const { start, end } = this.#range(scan);
    return end - start;
  }
  after(id: string, limit: number): readonly AnyRow[] {
    const start = this.#first((row) => compareCells(row.id, id) > 0);
    return this.#rows.slice(start, start + limit);
  }

  /** As SQL compares: NULL is in no bounded range. */
  #range({ equals, atLeast, atMost }: Omit<Scan, 'limit' | 'reverse'>): Range {
    const next = this.#index.columns[equals.length];
    const bounded = next !== undefined && (atLeast !== undefined || atMost !== undefined);
    const cellOf = (row: AnyRow): Cell => (bounded ? (row[next] ?? null) : null);
    const reached = (cell: Cell) => cell !== null && (atLeast == null || compareCells(cell, atLeast) >= 0);
    const passed = (cell: Cell) => atMost != null && compareCells(cell, atMost) > 0;
    const start = this.#first((row) => {
      const order = this.#compareStart(row, equals);
      return order > 0 || (order === 0 && (!bounded || reached(cellOf(row))));
    });
    const end = this.#first((row) => {
      const order = this.#compareStart(row, equals);
      return order > 0 || (order === 0 && bounded && passed(cellOf(row)));
    });
    return { start, end: Math.max(start, end) };
  }

  #placeOf(wanted: AnyRow): number {
    return this.#first((row) => this.#compare(row, wanted) >= 0);
  }

  /** The first row for which this holds; it holds for all behind it. */
  #first(holds: (row: AnyRow) => boolean): number {
    let [low, high] = [0, this.#rows.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const row = this.#rows[middle];
      if (row !== undefined && holds(row)) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #compareStart(row: AnyRow, equals: readonly Cell[]): number {
    for (let i = 0; i < equals.length; i++) {
      const order = compareCells(row[this.#index.columns[i] ?? ''] ?? null, equals[i] ?? null);
      if (order !== 0) return order;
    }
    return 0;
  }

  #compare(a: AnyRow, b: AnyRow): number {
    for (const column of this.#index.columns) {
      const order = compareCells(a[column] ?? null, b[column] ?? null);
      if (order !== 0) return order;
    }
    return compareCells(a.id, b.id);
  }
}

function isIn({ whereNull = [], whereFilled }: Index, row: AnyRow): boolean {
  const filled = whereFilled === undefined || (row[whereFilled] ?? '') !== '';
  return filled && whereNull.every((column) => (row[column] ?? null) === null);
}

/** SQLite's order: NULL, then numbers, then text by bytes (all our text that is indexed and ordered is compared by code unit). */
function compareCells(a: Cell, b: Cell): number {
  if (a === b) return 0;
  const order = rank(a) - rank(b);
  if (order !== 0) return order;
  return (a ?? '') < (b ?? '') ? -1 : 1;
}
function rank(cell: Cell): number {
  if (cell === null) return 0;
  return typeof cell === 'number' ? 1 : 2;
}
