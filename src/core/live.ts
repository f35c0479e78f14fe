/** Living entities: created and not removed, found by ID or by name. It never sees names as identity. */
import type { StateView } from './state.ts';
import type { IndexName, Row, TableName } from './tables.ts';

type Named = 'kma' | 'site' | 'user' | 'key_policy' | 'key_group' | 'agent' | 'snmp_manager';

export function isLive(row: { createdStamp: unknown; removedStamp: unknown } | undefined): boolean {
  return row !== undefined && row.createdStamp !== null && row.removedStamp === null;
}

export function live<T extends TableName>(
  state: Pick<StateView, 'get'>,
  table: T,
  id: string | null,
): Row<T> | undefined {
  if (id === null) return undefined;
  const row = state.get(table, id);
  return isLive(row) ? row : undefined;
}

/** Living entities share a name only after partitions; a name without `created` is NULL and not found. */
const NAMESAKES_MAX = 64;

/** Of living entities with one name the earliest (stamp, ID) keeps it (D2). */
export function byName<T extends Named>(state: StateView, table: T, name: string): Row<T> | undefined {
  const rows = state
    .scan(table, 'name' as IndexName<T>, { equals: [name], limit: NAMESAKES_MAX })
    .filter(isLive);
  return [...rows].sort((a, b) => (`${a.createdStamp}${a.id}` < `${b.createdStamp}${b.id}` ? -1 : 1))[0];
}
