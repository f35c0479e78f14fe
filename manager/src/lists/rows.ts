/** The rows of a list near what is in sight, page by page. What is far away is let go, and asked for again by whoever comes back. */
import { useQueries } from '@tanstack/react-query';
import { useCallback, useEffect, useState } from 'react';
import { BEGINNING, countOf, hasMore, learned, type PageMap, type PlacedPage, pagesOf } from './page-map.ts';
import { type ListQuestion, pageQuery, type Row } from './page-query.ts';

export interface ListedRows {
  /** As far as is known. */
  readonly count: number;
  readonly more: boolean;
  /** There are more than a page can be high. */
  readonly isCut: boolean;
  /** Undefined until it is there. */
  rowAt(index: number): Row | undefined;
  /** These rows are looked at. */
  onSight(first: number, last: number): void;
  readonly isPending: boolean;
  readonly isFetching: boolean;
  readonly error: Error | null;
  refetch(): void;
}

/** Asked for before they are in sight. */
const NEAR_ROWS = 100;
/** Browsers end a page at some 17 million pixels. */
const ROWS_MAX = 400_000;

/** How far one question is known, and where somebody looks. */
interface Look {
  readonly question: string;
  readonly map: PageMap;
  readonly first: number;
  readonly last: number;
}

export function useRows(asked: ListQuestion): ListedRows {
  const {
    list,
    by,
    look: { filters, sort },
    refreshMs,
  } = asked;
  const question = JSON.stringify([list, by, filters, sort]);
  const [kept, setLook] = useState(() => begun(question));
  const look = kept.question === question ? kept : begun(question);
  const pages = pagesInSight(look);
  const results = useQueries({
    queries: pages.map(({ after }) => ({
      ...pageQuery(asked, after),
      ...(refreshMs === undefined ? {} : { refetchInterval: refreshMs }),
    })),
  });
  const map = results.reduce((known, { data }, index) => {
    const after = pages[index]?.after ?? null;
    return data === undefined ? known : learned(known, after, data.rows.length, data.next);
  }, look.map);
  useEffect(
    () =>
      setLook((before) => {
        const same = before.question === question;
        return same && before.map === map ? before : { ...(same ? before : begun(question)), map };
      }),
    [question, map],
  );
  const onSight = useCallback(
    (first: number, last: number) =>
      setLook((before) => {
        const next = { ...before, first, last };
        return isSame(pagesInSight(before), pagesInSight(next)) ? before : next;
      }),
    [],
  );
  const count = countOf(map);
  const error = results.find((result) => result.error !== null)?.error ?? null;
  return {
    count,
    more: hasMore(map),
    isCut: hasMore(map) && count >= ROWS_MAX,
    rowAt: (index) => {
      const at = pages.findLastIndex(({ start }) => start <= index);
      return results[at]?.data?.rows[index - (pages[at]?.start ?? 0)];
    },
    onSight,
    isPending: map === BEGINNING && error === null,
    isFetching: results.some((result) => result.isFetching),
    error,
    refetch: () => {
      for (const { refetch } of results) void refetch();
    },
  };
}

function begun(question: string): Look {
  return { question, map: BEGINNING, first: 0, last: 0 };
}

/** Of a list that has become shorter than where somebody looked, its end. */
function pagesInSight({ map, first, last }: Look): readonly PlacedPage[] {
  const from = Math.min(first - NEAR_ROWS, countOf(map) - 1);
  return pagesOf(map, from, last + NEAR_ROWS).filter(({ start }) => start < ROWS_MAX);
}

function isSame(one: readonly PlacedPage[], other: readonly PlacedPage[]): boolean {
  return one.length === other.length && one.every(({ after }, index) => after === other[index]?.after);
}
