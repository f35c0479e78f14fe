/**
 * The replicated tables of a KMA, all of them; local tables (objects, logs, audit, counters) belong to the store.
 * Names on the wire ("AgentID") are the `name` column; rows refer to each other by random internal IDs.
 * Flags are 0/1, dates are milliseconds since 1970 UTC, columns ending in Json hold canonical JSON.
 */
import type { Stamp } from './stamp.ts';
import type { Cell, Column, Index, Table } from './table.ts';
import { AGENT_TABLES } from './tables/agents.ts';
import { AUDIT_TABLES } from './tables/audit.ts';
import { CLUSTER_TABLES } from './tables/cluster.ts';
import { KEY_TABLES } from './tables/keys.ts';
import { MEMBER_TABLES } from './tables/members.ts';
import { MONITORING_TABLES } from './tables/monitoring.ts';
import { PENDING_TABLES } from './tables/pending.ts';
import { PEOPLE_TABLES } from './tables/people.ts';
import { PERFORMANCE_TABLES } from './tables/performance.ts';
import { SECURITY_TABLES } from './tables/security.ts';
import { USER_CERTIFICATE_TABLES } from './tables/user-certificates.ts';

/** The state hash goes through the tables in this order, so a new one comes after all that old backups hold: in a group at the end. */
export const TABLES = {
  ...MEMBER_TABLES,
  ...PEOPLE_TABLES,
  ...AGENT_TABLES,
  ...KEY_TABLES,
  ...SECURITY_TABLES,
  ...AUDIT_TABLES,
  ...PENDING_TABLES,
  ...USER_CERTIFICATE_TABLES,
  ...CLUSTER_TABLES,
  ...MONITORING_TABLES,
  ...PERFORMANCE_TABLES,
} as const;

export type TableName = keyof typeof TABLES;
type ColumnsOf<T extends TableName> = (typeof TABLES)[T]['columns'];
export type IndexName<T extends TableName> = keyof (typeof TABLES)[T]['indexes'] & string;
type CellOf<C> = C extends Column<infer V> ? V : never;
type RuleOf<C> = C extends Column<Cell, infer R> ? R : never;

/** The names of a table's last-writer-wins columns, and of those that arrive with event E. */
type LwwNames<T extends TableName> = {
  [K in keyof ColumnsOf<T>]: RuleOf<ColumnsOf<T>[K]> extends 'lww' ? K : never;
}[keyof ColumnsOf<T>];
export type EventName<T extends TableName> =
  | 'created'
  | 'removed'
  | Exclude<RuleOf<ColumnsOf<T>[keyof ColumnsOf<T>]>, 'lww'>;
type EventColumnNames<T extends TableName, E> = {
  [K in keyof ColumnsOf<T>]: RuleOf<ColumnsOf<T>[K]> extends E
    ? E extends RuleOf<ColumnsOf<T>[K]>
      ? K
      : never
    : never;
}[keyof ColumnsOf<T>];

export type LwwCells<T extends TableName> = { readonly [K in LwwNames<T>]?: CellOf<ColumnsOf<T>[K]> };
export type EventCells<T extends TableName, E extends EventName<T>> = {
  readonly [K in EventColumnNames<T, E>]: CellOf<ColumnsOf<T>[K]>;
};

/** A row as stored: cells, one stamp for each event, and `stamps`, the compact record of last-writer-wins stamps (core/fold.ts). */
export type Row<T extends TableName> = {
  readonly id: string;
  readonly stamps: string;
} & { readonly [E in EventName<T> as `${E}Stamp`]: Stamp | null } & {
  readonly [K in keyof ColumnsOf<T>]: CellOf<ColumnsOf<T>[K]>;
};

/** A row whose columns are not known statically: what the fold and the table engines work with. */
export type AnyRow = { readonly id: string; readonly stamps: string } & { readonly [column: string]: Cell };

export const TABLE_NAMES = Object.keys(TABLES) as TableName[];

/** The declaration of a table with its literal types forgotten. */
export function tableOf(name: TableName): Table {
  return TABLES[name];
}
/** All column names of the stored row in canonical order: id, stamps, event stamps, cells. */
export function columnNames(name: TableName): readonly string[] {
  const { columns, events } = tableOf(name);
  return ['id', 'stamps', ...events.map((e) => `${e}Stamp`), ...Object.keys(columns)];
}

/** Throws for an index that is not declared. */
export function indexOf(table: TableName, name: string): Index {
  const index = tableOf(table).indexes[name];
  if (index === undefined) throw new Error(`table ${table} has no index ${name}`);
  return index;
}
