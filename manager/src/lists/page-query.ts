/** What a KMA is asked for one page of a list, so that it may be asked before the list is drawn. It holds no row. */
import type { QueryClient } from '@tanstack/react-query';
import { call, type Input } from '../api/call.ts';
import { operation } from '../api/catalogue.ts';
import type { ListId } from '../api/types.ts';
import type { ListPlace } from '../places.ts';
import { type ListState, listStateIn } from './list-state.ts';

export type Row = Readonly<Record<string, unknown>>;

interface Page {
  readonly rows: readonly Row[];
  readonly next: string | null;
}

export interface ListQuestion {
  readonly list: ListId;
  /** Of the thing whose list it is. */
  readonly by: Input;
  readonly look: Pick<ListState, 'filters' | 'sort'>;
  readonly refreshMs?: number | undefined;
}

const PAGE_ROWS = 200;
/** A page out of sight. */
const KEPT_MS = 5_000;

export function pageQuery(
  { list, by, look: { filters, sort }, refreshMs }: ListQuestion,
  after: string | null,
) {
  const asked = { ...by, filter: filters, ...(sort === '' ? {} : { sort }) };
  return {
    queryKey: ['list', list, asked, after],
    queryFn: async ({ signal }: { readonly signal: AbortSignal }) => {
      const page = { ...asked, limit: PAGE_ROWS, ...(after === null ? {} : { after }) };
      const input = operation(list).isPaged ? page : by;
      return (await call(operation(list), input, { signal, unattended: refreshMs !== undefined }))
        .body as Page;
    },
    gcTime: KEPT_MS,
  };
}

export const NO_INPUT: Input = {};

/** While the program of the list is on its way. */
export function askForFirstRows(queries: QueryClient, place: ListPlace, search: string): Promise<void> {
  const { list, refreshMs } = place;
  const look = listStateIn(search, place.sort ?? '');
  return queries.prefetchQuery(pageQuery({ list, by: NO_INPUT, look, refreshMs }, null));
}
