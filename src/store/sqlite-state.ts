/** The state in SQLite through cached statements, with the meaning of core/map-state.ts; it opens no transaction. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { IncarnationId } from '../core/ids.ts';
import { type Holding, heldThrough } from '../core/peer-holding.ts';
import type { FoldTarget, Scan, StateView } from '../core/state.ts';
import type { Cell } from '../core/table.ts';
import {
  type AnyRow,
  columnNames,
  type IndexName,
  indexOf,
  type Row,
  TABLE_NAMES,
  type TableName,
} from '../core/tables.ts';
import type { VersionVector } from '../core/version-vector.ts';
import type { RowCache } from './row-cache.ts';
import { BOUND_LIMIT, indexConditions, indexName, quoted } from './schema.ts';

type Range = Omit<Scan, 'limit' | 'reverse'>;

/** More shapes of updates than any catalogue of operations makes for one table; foreign facts shall not fill memory. */
const UPDATES_MAX = 200;

interface TableStatements {
  readonly columns: readonly string[];
  readonly blank: AnyRow;
  readonly get: StatementSync;
  readonly put: StatementSync;
  readonly page: StatementSync;
  /** By shape: index, number of equal columns, bounds, direction. Shapes are few, values are bound. */
  readonly scans: Map<string, StatementSync>;
  /** By the names of the columns written: facts of one kind change the same ones. */
  readonly updates: Map<string, StatementSync>;
}

export class SqliteState implements StateView, FoldTarget {
  readonly #database: DatabaseSync;
  readonly #tables: ReadonlyMap<TableName, TableStatements>;
  /** Null where another process may write: its rows would go stale unseen. */
  readonly #cache: RowCache | null;
  readonly #holdings: StatementSync;
  readonly #putHolding: StatementSync;
  readonly #dropHoldings: StatementSync;
  readonly #holdingsOf: StatementSync;
  readonly #dropHolding: StatementSync;
  readonly #logLength: StatementSync;

  constructor(database: DatabaseSync, cache: RowCache | null = null) {
    this.#database = database;
    this.#cache = cache;
    this.#tables = new Map(TABLE_NAMES.map((table) => [table, prepareTable(database, table)]));
    this.#holdings = database.prepare('SELECT peer, seq FROM peer_holding WHERE incarnation = ?');
    this.#holdingsOf = database.prepare('SELECT incarnation, seq FROM peer_holding WHERE peer = ?');
    this.#dropHolding = database.prepare('DELETE FROM peer_holding WHERE incarnation = ? AND peer = ?');
    this.#dropHoldings = database.prepare(
      `DELETE FROM peer_holding WHERE peer IN (SELECT id FROM incarnation WHERE kmaId = ? OR admittedKmaId = ?) AND peer <> ?`,
    );
    this.#logLength = database.prepare('SELECT length FROM folded WHERE incarnation = ?');
    this.#putHolding = database.prepare(
      'REPLACE INTO peer_holding (incarnation, peer, seq) VALUES (?, ?, ?)',
    );
  }

  getRow(table: TableName, id: string): AnyRow | undefined {
    const known = this.#cache?.row(table, id);
    if (known !== undefined) return known ?? undefined;
    const statements = this.#of(table);
    const cells = statements.get.get(id) as unknown as Cell[] | undefined;
    const row = cells === undefined ? undefined : rowOf(statements, cells);
    this.#cache?.keepRow(table, id, row);
    return row;
  }
  putRow(table: TableName, row: AnyRow): void {
    const { put, columns } = this.#of(table);
    put.run(...columns.map((name) => row[name] ?? null));
    this.#cache?.written(table, row);
  }
  /** As putRow, where the stored row is known: writes only the columns that differ, and so only their indexes. */
  replaceRow(table: TableName, before: AnyRow, after: AnyRow): void {
    const { columns } = this.#of(table);
    const changed = columns.filter((name) => (before[name] ?? null) !== (after[name] ?? null));
    if (changed.length === 0) return;
    this.#updateStatement(table, changed).run(...changed.map((name) => after[name] ?? null), after.id);
    this.#cache?.written(table, after);
  }
  /** For what is folded anew. */
  dropRow(table: TableName, id: string): void {
    this.#database.prepare(`DELETE FROM ${quoted(table)} WHERE id = ?`).run(id);
    this.#cache?.forget();
  }
  /** To be called after a rollback, or after SQL that went around this object. */
  forget(): void {
    this.#cache?.forget();
  }

  get<T extends TableName>(table: T, id: string): Row<T> | undefined {
    return this.getRow(table, id) as Row<T> | undefined;
  }
  scan<T extends TableName>(table: T, index: IndexName<T>, scan: Scan): readonly Row<T>[] {
    if (this.#cache?.keeps(table) !== true) return this.#scanRows(table, index, scan);
    const question = JSON.stringify([index, scan]);
    const known = this.#cache.scan(table, question);
    if (known !== undefined) return known as unknown as readonly Row<T>[];
    const found = this.#scanRows(table, index, scan);
    this.#cache.keepScan(table, question, found as unknown as readonly AnyRow[]);
    return found;
  }
  count<T extends TableName>(table: T, index: IndexName<T>, range: Range): number {
    const row = this.#scanStatement(table, index, range, 'count').get(...boundCells(table, index, range));
    return Number(row?.['rows']);
  }
  page<T extends TableName>(table: T, afterId: string, limit: number): readonly Row<T>[] {
    return this.#rows<T>(table, this.#of(table).page.all(afterId, limit));
  }

  heldByPeers(incarnationId: IncarnationId): number {
    return heldThrough(this, incarnationId, this.#holdings.all(incarnationId) as unknown as Holding[]);
  }
  logLength(incarnationId: string): number {
    return Number(this.#logLength.get(incarnationId)?.['length'] ?? 0);
  }
  /** Of all lives of a KMA but this one. */
  dropHoldings(kmaId: string, but: string): void {
    this.#dropHoldings.run(kmaId, kmaId, but);
  }
  /** All that a peer confirms now: what it does not name it does not hold. Of many logs few have grown. */
  putHoldings(peer: string, holds: VersionVector): void {
    const before = new Map(this.#holdingsOf.all(peer).map((row) => [String(row['incarnation']), row['seq']]));
    for (const [incarnationId, seq] of Object.entries(holds))
      if (before.get(incarnationId) !== seq) this.#putHolding.run(incarnationId, peer, seq);
    for (const incarnationId of before.keys())
      if (!Object.hasOwn(holds, incarnationId)) this.#dropHolding.run(incarnationId, peer);
  }
  /** A peer has confirmed it; its latest word counts. */
  putHolding(incarnationId: IncarnationId, { peer, seq }: Holding): void {
    this.#putHolding.run(incarnationId, peer, seq);
  }

  #scanRows<T extends TableName>(table: T, index: IndexName<T>, scan: Scan): readonly Row<T>[] {
    const statement = this.#scanStatement(
      table,
      index,
      scan,
      scan.reverse === true ? 'descending' : 'ascending',
    );
    return this.#rows<T>(table, statement.all(...boundCells(table, index, scan), scan.limit));
  }
  #of(table: TableName): TableStatements {
    const statements = this.#tables.get(table);
    if (statements === undefined) throw new Error(`there is no table ${table}`);
    return statements;
  }
  #rows<T extends TableName>(table: T, found: readonly unknown[]): readonly Row<T>[] {
    const statements = this.#of(table);
    return found.map((cells) => rowOf(statements, cells as Cell[])) as unknown as Row<T>[];
  }
  #updateStatement(table: TableName, changed: readonly string[]): StatementSync {
    const { updates } = this.#of(table);
    const shape = changed.join();
    const known = updates.get(shape);
    if (known !== undefined) return known;
    const assignments = changed.map((name) => `${quoted(name)} = ?`).join(', ');
    const prepared = this.#database.prepare(`UPDATE ${quoted(table)} SET ${assignments} WHERE id = ?`);
    if (updates.size >= UPDATES_MAX) updates.clear();
    updates.set(shape, prepared);
    return prepared;
  }
  #scanStatement(table: TableName, index: string, range: Range, result: ScanResult): StatementSync {
    const { scans } = this.#of(table);
    const shape = `${index} ${range.equals.length} ${boundKind(range.atLeast)} ${boundKind(range.atMost)} ${result}`;
    const known = scans.get(shape);
    if (known !== undefined) return known;
    const prepared = this.#database.prepare(scanSql(table, index, range, result));
    prepared.setReturnArrays(result !== 'count');
    scans.set(shape, prepared);
    return prepared;
  }
}

function prepareTable(database: DatabaseSync, table: TableName): TableStatements {
  const columns = columnNames(table);
  const list = columns.map(quoted).join(', ');
  const excluded = columns.map((name) => `${quoted(name)} = excluded.${quoted(name)}`).join(', ');
  const get = database.prepare(`SELECT ${list} FROM ${quoted(table)} WHERE id = ?`);
  const page = database.prepare(
    `SELECT ${list} FROM ${quoted(table)} WHERE id > ? ORDER BY id ${BOUND_LIMIT}`,
  );
  get.setReturnArrays(true);
  page.setReturnArrays(true);
  const put = database.prepare(
    `INSERT INTO ${quoted(table)} (${list}) VALUES (${columns.map(() => '?').join(', ')})
     ON CONFLICT (id) DO UPDATE SET ${excluded}`,
  );
  const blank = Object.fromEntries(columns.map((name) => [name, null])) as unknown as AnyRow;
  return { columns, blank, get, put, page, scans: new Map(), updates: new Map() };
}

/** Copying a blank row keeps one hidden class for a table; naming 20 columns for each result costs more than finding it. */
function rowOf({ blank, columns }: TableStatements, cells: readonly Cell[]): AnyRow {
  const row: { [column: string]: Cell } = { ...blank };
  for (let i = 0; i < columns.length; i++) row[columns[i] ?? ''] = cells[i] ?? null;
  return row as AnyRow;
}

type ScanResult = 'ascending' | 'descending' | 'count';

/** A bound of null is no bound, but like every bound it leaves NULL cells out. */
function boundKind(bound: Cell | undefined): 'none' | 'null' | 'cell' {
  return bound === undefined ? 'none' : bound === null ? 'null' : 'cell';
}

function scanSql(table: TableName, index: string, range: Range, result: ScanResult): string {
  const { columns } = indexOf(table, index);
  const next = columns[range.equals.length];
  const conditions = columns.slice(0, range.equals.length).map((column) => `${quoted(column)} IS ?`);
  conditions.push(...indexConditions(indexOf(table, index)));
  const bounds = [boundKind(range.atLeast), boundKind(range.atMost)];
  if (next !== undefined && bounds.some((bound) => bound !== 'none')) {
    if (bounds[0] === 'cell') conditions.push(`${quoted(next)} >= ?`);
    else conditions.push(`${quoted(next)} IS NOT NULL`);
    if (bounds[1] === 'cell') conditions.push(`${quoted(next)} <= ?`);
  }
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
  const from = `FROM ${quoted(table)} INDEXED BY ${quoted(indexName(table, index))}${where}`;
  if (result === 'count') return `SELECT count(*) AS rows ${from}`;
  const direction = result === 'descending' ? ' DESC' : '';
  const order = [...columns.slice(range.equals.length), 'id'].map((column) => quoted(column) + direction);
  return `SELECT ${columnNames(table).map(quoted).join(', ')} ${from} ORDER BY ${order.join(', ')} ${BOUND_LIMIT}`;
}

function boundCells(table: TableName, index: string, range: Range): Cell[] {
  const { columns } = indexOf(table, index);
  if (range.equals.length > columns.length) throw new Error(`index ${index} of ${table} has fewer columns`);
  const cells = [...range.equals];
  if (columns.length === range.equals.length) return cells;
  if (range.atLeast != null) cells.push(range.atLeast);
  if (range.atMost != null) cells.push(range.atMost);
  return cells;
}
