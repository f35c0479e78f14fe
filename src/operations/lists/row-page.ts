/** A page of a list whose rows are all in memory; what the store's SQL must give for the others, too. It reads nothing. */
import { type Columns, compareCells, orderCell } from './column.ts';
import { fits } from './filter.ts';
import type { Place, Question, RowId, Sort } from './question.ts';

/** `last` is where the next page goes on; null where there is none. */
export interface Page<R> {
  readonly rows: readonly R[];
  readonly last: Place | null;
}

export function pageOf<R extends object>(
  rows: readonly R[],
  idOf: (row: R) => RowId,
  columns: Columns,
  { filters, sort, after, limit }: Question,
): Page<R> {
  const cellsOfRow = (row: R) => row as Readonly<Record<string, unknown>>;
  const column = (name: string) => {
    const found = columns[name];
    if (found === undefined) throw new Error(`a list has no column ${name}`);
    return found;
  };
  const found = rows
    .filter((row) =>
      filters.every((filter) => fits(filter, column(filter.column), cellsOfRow(row)[filter.column])),
    )
    .map((row) => ({
      row,
      place: { id: idOf(row), cell: orderCell(column(sort.column), cellsOfRow(row)[sort.column]) },
    }))
    .filter(({ place }) => after === null || comparePlaces(place, after, sort) > 0)
    .sort((a, b) => comparePlaces(a.place, b.place, sort));
  return pageFrom(found, limit);
}

/** Of rows in order, more than the page holds where there are more. */
export function pageFrom<R>(
  found: readonly { readonly row: R; readonly place: Place }[],
  limit: number,
): Page<R> {
  const shown = found.slice(0, limit);
  return {
    rows: shown.map(({ row }) => row),
    last: found.length > limit ? (shown.at(-1)?.place ?? null) : null,
  };
}

function comparePlaces(a: Place, b: Place, { descending }: Sort): number {
  if (a.cell === null || b.cell === null) {
    if (a.cell !== b.cell) return a.cell === null ? 1 : -1;
  } else {
    const order = compareCells(a.cell, b.cell);
    if (order !== 0) return descending ? -order : order;
  }
  return compareCells(a.id, b.id) * (descending ? -1 : 1);
}
