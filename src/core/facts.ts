/** Facts: what became true, as data. It has no clock: stamps belong to the log entry that carries the facts. */
import type { Stamp } from './stamp.ts';
import type { Cell } from './table.ts';
import type { EventCells, EventName, LwwCells, TableName } from './tables.ts';

export interface SetFact {
  readonly table: TableName;
  readonly id: string;
  readonly set: { readonly [column: string]: Cell };
}
export interface EventFact {
  readonly table: TableName;
  readonly id: string;
  readonly event: string;
  readonly cells: { readonly [column: string]: Cell };
}
export type Fact = SetFact | EventFact;

/** One entry of an incarnation's log: the facts of one operation. Its JSON bytes are replicated and never re-serialised. */
export interface LogEntry {
  readonly v: 1;
  readonly stamp: Stamp;
  /** Name of the operation in the catalogue. */
  readonly operation: string;
  readonly facts: readonly Fact[];
}

/** Columns written by the last writer. */
export function set<T extends TableName>(table: T, id: string, cells: LwwCells<T>): Fact {
  return { table, id, set: cells as SetFact['set'] };
}
/** Something that happens once: the earliest stamp wins. */
export function event<T extends TableName, E extends EventName<T>>(
  table: T,
  id: string,
  name: E,
  cells: EventCells<T, E>,
): Fact {
  return { table, id, event: name, cells: cells as EventFact['cells'] };
}
export function created<T extends TableName>(
  table: T,
  id: string,
  cells: EventCells<T, 'created' & EventName<T>>,
): Fact {
  return { table, id, event: 'created', cells: cells as EventFact['cells'] };
}
/** Pairs are never removed, they are set to `present` 0: a tombstone would be final. */
type Pair = 'user_role' | 'agent_group' | 'data_unit_key';

/** The tombstone. */
export function removed(table: Exclude<TableName, Pair>, id: string): Fact {
  return { table, id, event: 'removed', cells: {} };
}
