/** State in maps, for simulation and tests; production reads SQLite through the same interface (store/). It never bounds memory. */
import type { IncarnationId } from './ids.ts';
import { OrderedRows } from './ordered-rows.ts';
import { type Holding, heldThrough } from './peer-holding.ts';
import type { FoldTarget, Scan, StateView } from './state.ts';
import type { Index } from './table.ts';
import { type AnyRow, type IndexName, indexOf, type Row, TABLE_NAMES, type TableName } from './tables.ts';

const BY_ID: Index = { columns: [] };

interface Rows {
  readonly byId: Map<string, AnyRow>;
  /** From the first scan of each on; "" is the order of IDs. */
  readonly ordered: Map<string, OrderedRows>;
}

export class MapState implements StateView, FoldTarget {
  readonly #tables = new Map<TableName, Rows>(
    TABLE_NAMES.map((name) => [name, { byId: new Map(), ordered: new Map() }]),
  );
  /** By log. */
  readonly #holdings = new Map<string, readonly Holding[]>();
  readonly #logLengths = new Map<string, number>();

  getRow(table: TableName, id: string): AnyRow | undefined {
    return this.#rows(table).byId.get(id);
  }
  putRow(table: TableName, row: AnyRow): void {
    this.restoreRow(table, row.id, row);
  }
  /** The row as it was before a change that is taken back; undefined where there was none. Gives the one in whose place it is. */
  restoreRow(table: TableName, id: string, row: AnyRow | undefined): AnyRow | undefined {
    const { byId, ordered } = this.#rows(table);
    const before = byId.get(id);
    if (row === undefined) byId.delete(id);
    else byId.set(id, row);
    for (const rows of ordered.values()) rows.replace(before, row);
    return before;
  }
  /** In no order. */
  rows(table: TableName): Iterable<AnyRow> {
    return this.#rows(table).byId.values();
  }
  /** A second state with the same rows; rows are never changed, only replaced. */
  copy(into = new MapState()): MapState {
    for (const [table, { byId }] of this.#tables)
      for (const [id, row] of byId) into.#rows(table).byId.set(id, row);
    for (const [log, holdings] of this.#holdings) into.#holdings.set(log, holdings);
    for (const [log, length] of this.#logLengths) into.#logLengths.set(log, length);
    return into;
  }

  get<T extends TableName>(table: T, id: string): Row<T> | undefined {
    return this.getRow(table, id) as Row<T> | undefined;
  }
  scan<T extends TableName>(table: T, index: IndexName<T>, scan: Scan): readonly Row<T>[] {
    return this.#ordered(table, index).scan(scan) as unknown as Row<T>[];
  }
  count<T extends TableName>(table: T, index: IndexName<T>, scan: Omit<Scan, 'limit' | 'reverse'>): number {
    return this.#ordered(table, index).count(scan);
  }
  page<T extends TableName>(table: T, afterId: string, limit: number): readonly Row<T>[] {
    return this.#ordered(table, '').after(afterId, limit) as unknown as Row<T>[];
  }

  heldByPeers(incarnationId: IncarnationId): number {
    return heldThrough(this, incarnationId, this.#holdings.get(incarnationId) ?? []);
  }
  /** A peer has confirmed it; its latest word counts. */
  putHolding(incarnationId: IncarnationId, holding: Holding): void {
    const others = (this.#holdings.get(incarnationId) ?? []).filter(({ peer }) => peer !== holding.peer);
    this.#holdings.set(incarnationId, [...others, holding]);
  }

  logLength(incarnationId: string): number {
    return this.#logLengths.get(incarnationId) ?? 0;
  }
  /** Whoever keeps the log says so. */
  putLogLength(incarnationId: string, length: number): void {
    this.#logLengths.set(incarnationId, length);
  }

  #rows(table: TableName): Rows {
    const rows = this.#tables.get(table);
    if (rows === undefined) throw new Error(`there is no table ${table}`);
    return rows;
  }
  #ordered(table: TableName, name: string): OrderedRows {
    const { byId, ordered } = this.#rows(table);
    const known = ordered.get(name);
    if (known !== undefined) return known;
    const made = new OrderedRows(name === '' ? BY_ID : indexOf(table, name), byId.values());
    ordered.set(name, made);
    return made;
  }
}
