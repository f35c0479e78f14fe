/** Living things that were made under one name on two sides of a partition: the earlier keeps it, the others are shown as name~xxxx (D2). It renames nothing. */
import { isLive } from '../../core/live.ts';
import type { StateView } from '../../core/state.ts';
import type { Row } from '../../core/tables.ts';
import { ENTITIES_MAX, livingRows, type Named, shownName, visitRows } from '../entities.ts';

const TABLES: readonly Named[] = ['kma', 'site', 'user', 'key_policy', 'key_group', 'agent', 'snmp_manager'];

export interface Namesakes {
  readonly table: Named;
  readonly name: string;
  /** Which has the name. */
  readonly keeper: Row<Named>;
  readonly other: Row<Named>;
  /** Of the other one. */
  readonly shown: string;
}

export function namesakes(state: StateView): readonly Namesakes[] {
  return TABLES.flatMap((table) => {
    const twice = namesTakenTwice(state, table);
    if (twice.size === 0) return [];
    const rows = livingRows(state, table).filter(({ name }) => twice.has(name));
    const keepers = new Map(
      rows.filter((row) => shownName(state, table, row) === row.name).map((row) => [row.name, row]),
    );
    return rows.flatMap((other): Namesakes[] => {
      const keeper = keepers.get(other.name);
      if (keeper === undefined || keeper.id === other.id) return [];
      return [{ table, name: other.name ?? '', keeper, other, shown: shownName(state, table, other) }];
    });
  });
}

/** Nearly always none: then nothing has to be sorted or looked up. */
function namesTakenTwice(state: StateView, table: Named): ReadonlySet<string | null> {
  const [seen, twice] = [new Set<string | null>(), new Set<string | null>()];
  visitRows(state, table, ENTITIES_MAX, (row) => {
    if (isLive(row)) (seen.has(row.name) ? twice : seen).add(row.name);
  });
  return twice;
}
