/** Where the pages of a list begin, as far as somebody has scrolled. It holds no row and asks for none. */

export interface KnownPage {
  /** Where the page before said that it goes on; null at the beginning. */
  readonly after: string | null;
  /** Null until it was answered. */
  readonly rows: number | null;
}

/** From the beginning, without a gap; only the last one may be unanswered, and then there are more rows. */
export type PageMap = readonly KnownPage[];

export const BEGINNING: PageMap = [{ after: null, rows: null }];

/** What an answer teaches. One that goes on elsewhere than before tells of rows that have come or gone: later pages are forgotten, and found anew. */
export function learned(map: PageMap, after: string | null, rows: number, next: string | null): PageMap {
  const at = map.findIndex((page) => page.after === after);
  // Asked for before the list began anew.
  if (at < 0) return map;
  const goesOnThere = next === (map[at + 1]?.after ?? null);
  if (goesOnThere && map[at]?.rows === rows) return map;
  const upTo: PageMap = [...map.slice(0, at), { after, rows }];
  if (goesOnThere) return [...upTo, ...map.slice(at + 1)];
  return next === null ? upTo : [...upTo, { after: next, rows: null }];
}

export function countOf(map: PageMap): number {
  return map.reduce((sum, { rows }) => sum + (rows ?? 0), 0);
}

export function hasMore(map: PageMap): boolean {
  return map.at(-1)?.rows === null;
}

export interface PlacedPage extends KnownPage {
  /** Number of its first row. */
  readonly start: number;
}

/** The pages of these rows, both ends included, and the one that is not answered yet where they reach the end. */
export function pagesOf(map: PageMap, first: number, last: number): readonly PlacedPage[] {
  const found: PlacedPage[] = [];
  let start = 0;
  for (const page of map) {
    const end = start + (page.rows ?? 1);
    if (start <= last && end > first) found.push({ ...page, start });
    start = end;
  }
  return found;
}
