/** What a page of a list is, and in which order cells stand; the same for lists in memory and in the store. It reads no row. */
import type { Cell } from './table.ts';

/** What tells rows of a list apart; audit records are numbered. */
export type RowId = string | number;

/** A row's place in the order of a list: its value in the column of the order, and its ID. */
export interface Place {
  readonly cell: Cell;
  readonly id: RowId;
}

/** `places` are those of the rows; `last` is where the next page goes on, null where there is none. */
export interface Page<R> {
  readonly rows: readonly R[];
  readonly places: readonly Place[];
  readonly last: Place | null;
}

/** Of a long text so many characters count for the order: a cursor carries them. */
export const ORDERED_CHARACTERS = 100;

/** Of rows in order, more than the page holds where there are more. */
export function pageFrom<R>(
  found: readonly { readonly row: R; readonly place: Place }[],
  limit: number,
): Page<R> {
  const shown = found.slice(0, limit);
  return {
    rows: shown.map(({ row }) => row),
    places: shown.map(({ place }) => place),
    last: found.length > limit ? (shown.at(-1)?.place ?? null) : null,
  };
}

/** A page whose rows come to more than so many characters of JSON ends earlier, and the next one goes on there. One row is always shown. */
export function pageWithin<R>(page: Page<R>, charactersMax: number): Page<R> {
  let characters = 0;
  const beyond = page.rows.findIndex((row, index) => {
    characters += JSON.stringify(row).length;
    return index > 0 && characters > charactersMax;
  });
  if (beyond === -1) return page;
  const places = page.places.slice(0, beyond);
  return { rows: page.rows.slice(0, beyond), places, last: places.at(-1) ?? null };
}

/** In the order of SQLite: numbers by size, texts by code point. */
export function compareCells(a: string | number, b: string | number): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return compareTexts(String(a), String(b));
}

function compareTexts(a: string, b: string): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i += 1) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** Halves of surrogate pairs stand for code points above all that have one unit. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
