/** The narrow view of the state that decisions read and the fold writes; it says nothing about where rows live. */
import type { IncarnationId } from './ids.ts';
import type { Cell } from './table.ts';
import type { AnyRow, IndexName, Row, TableName } from './tables.ts';

/** A bounded range of an index: rows whose leading index columns equal `equals`, ordered by the rest of the index, then id. */
export interface Scan {
  readonly equals: readonly Cell[];
  /** Bounds, inclusive, of the index column that follows `equals`. */
  readonly atLeast?: Cell;
  readonly atMost?: Cell;
  readonly reverse?: boolean;
  readonly limit: number;
}

export interface StateView {
  /** A row by its ID, removed ones too: callers that want living entities use core/live.ts. */
  get<T extends TableName>(table: T, id: string): Row<T> | undefined;
  scan<T extends TableName>(table: T, index: IndexName<T>, scan: Scan): readonly Row<T>[];
  /** How many rows a scan without its limit would return. */
  count<T extends TableName>(table: T, index: IndexName<T>, scan: Omit<Scan, 'limit' | 'reverse'>): number;
  /** All rows in order of ID after `afterId`; for small tables and for paging through large ones. */
  page<T extends TableName>(table: T, afterId: string, limit: number): readonly Row<T>[];
  /** Up to where another member that counts has confirmed to hold every sealed key of this log (core/peer-holding.ts); 0 if none has. It belongs to this KMA alone. */
  heldByPeers(incarnationId: IncarnationId): number;
  /** How many entries of this log are folded. */
  logLength(incarnationId: string): number;
}

/** What the fold needs; rows are replaced whole. */
export interface FoldTarget {
  getRow(table: TableName, id: string): AnyRow | undefined;
  putRow(table: TableName, row: AnyRow): void;
}
