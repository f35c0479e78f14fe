/** How a list is looked at, as part of the page's address, so that a link to it can be passed on. */
import { useLocation } from 'wouter';
import { useSearch } from 'wouter/use-browser-location';

export interface ListState {
  /** "COLUMN OPERATOR VALUE" without blanks, as the KMA takes them. */
  readonly filters: readonly string[];
  /** "-COLUMN" is descending; "" as the KMA gives it. */
  readonly sort: string;
  /** Null: those that come first. */
  readonly columns: readonly string[] | null;
}

export function listStateIn(search: string, initialSort: string): ListState {
  const query = new URLSearchParams(search);
  const columns = query.get('columns');
  return {
    filters: query.getAll('filter'),
    sort: query.get('sort') ?? initialSort,
    columns: columns === null ? null : columns.split(','),
  };
}

export function useListState(initialSort: string): [ListState, (changed: Partial<ListState>) => void] {
  const [path, go] = useLocation();
  // Not by the router, which decodes it as a whole: a value with "%" would be decoded twice.
  const state = listStateIn(useSearch(), initialSort);
  const change = (changed: Partial<ListState>) => {
    const next = { ...state, ...changed };
    const written = new URLSearchParams(next.filters.map((filter) => ['filter', filter]));
    if (next.sort !== initialSort) written.set('sort', next.sort);
    if (next.columns !== null) written.set('columns', next.columns.join(','));
    const text = written.toString();
    go(text === '' ? path : `${path}?${text}`, { replace: true });
  };
  return [state, change];
}
