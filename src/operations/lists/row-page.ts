/** A page of a list whose rows are all in memory; what the store's SQL must give for the others, too. It reads nothing. */
import { compareCells, type Page, type Place, pageFrom, type RowId } from '../../core/list-page.ts';
import { type Columns, orderCell } from './column.ts';
import { fits } from './filter.ts';
import type { Question, Sort } from './question.ts';

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

function comparePlaces(a: Place, b: Place, { descending }: Sort): number {
  if (a.cell === null || b.cell === null) {
    if (a.cell !== b.cell) return a.cell === null ? 1 : -1;
  } else {
    const order = compareCells(a.cell, b.cell);
    if (order !== 0) return descending ? -order : order;
  }
  return compareCells(a.id, b.id) * (descending ? -1 : 1);
}
