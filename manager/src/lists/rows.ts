/** The rows of a list, page after page as somebody scrolls on. It holds no more than what was asked for. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { call, type Input } from '../api/call.ts';
import { operation } from '../api/catalogue.ts';
import type { ListState } from './list-state.ts';

export type Row = Readonly<Record<string, unknown>>;

interface Page {
  readonly rows: readonly Row[];
  readonly next: string | null;
}

const PAGE_ROWS = 200;

export function useRows(
  list: string,
  by: Input,
  { filters, sort }: Pick<ListState, 'filters' | 'sort'>,
  refreshMs?: number,
) {
  const asked = { ...by, filter: filters, ...(sort === '' ? {} : { sort }) };
  const query = useInfiniteQuery({
    queryKey: ['list', list, asked],
    initialPageParam: null as string | null,
    queryFn: async ({ pageParam, signal }) => {
      const page = { ...asked, limit: PAGE_ROWS, ...(pageParam === null ? {} : { after: pageParam }) };
      const input = operation(list).isPaged ? page : by;
      return (await call(operation(list), input, { signal, unattended: refreshMs !== undefined }))
        .body as Page;
    },
    getNextPageParam: ({ next }) => next,
    ...(refreshMs === undefined ? {} : { refetchInterval: refreshMs }),
  });
  return { ...query, rows: query.data?.pages.flatMap((page) => page.rows) ?? [] };
}
