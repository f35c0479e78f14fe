/** Rows and short scans of the tables that change seldom, kept by the one process that writes them; it never reads the database itself. */
import { type AnyRow, TABLE_NAMES, type TableName } from '../core/tables.ts';

/** These grow with use: each of their rows is rarely asked for twice in a while. */
const GROWING = new Set<TableName>(['key', 'data_unit', 'data_unit_key', 'object_erasure']);

/** Of one table; 10,000 agents with their certificates fit. */
const ROWS_MAX = 32_768;
const SCANS_MAX = 4_096;
/** A longer result is cheaper to read again than to keep. */
const SCAN_ROWS_MAX = 64;

interface Kept {
  /** Null: there is no such row. */
  readonly rows: Map<string, AnyRow | null>;
  readonly scans: Map<string, readonly AnyRow[]>;
}

export class RowCache {
  readonly #tables: ReadonlyMap<TableName, Kept> = new Map(
    TABLE_NAMES.filter((table) => !GROWING.has(table)).map((table) => [
      table,
      { rows: new Map(), scans: new Map() },
    ]),
  );

  /** The row, null where it is known that there is none, undefined where nothing is known. */
  row(table: TableName, id: string): AnyRow | null | undefined {
    return this.#tables.get(table)?.rows.get(id);
  }
  keepRow(table: TableName, id: string, row: AnyRow | undefined): void {
    const rows = this.#tables.get(table)?.rows;
    if (rows === undefined) return;
    if (rows.size >= ROWS_MAX) rows.clear();
    rows.set(id, row === undefined ? null : Object.freeze(row));
  }

  /** `question` says all that decides the result: index, values, bounds, order, limit. */
  scan(table: TableName, question: string): readonly AnyRow[] | undefined {
    return this.#tables.get(table)?.scans.get(question);
  }
  keepScan(table: TableName, question: string, found: readonly AnyRow[]): void {
    const scans = this.#tables.get(table)?.scans;
    if (scans === undefined || found.length > SCAN_ROWS_MAX) return;
    if (scans.size >= SCANS_MAX) scans.clear();
    for (const row of found) Object.freeze(row);
    scans.set(question, Object.freeze(found));
  }
  keeps(table: TableName): boolean {
    return this.#tables.has(table);
  }

  /** After a row was written: any scan of its table may find other rows now. */
  written(table: TableName, row: AnyRow): void {
    this.#tables.get(table)?.scans.clear();
    this.keepRow(table, row.id, row);
  }

  /** After a rollback: what was kept may never have been. */
  forget(): void {
    for (const { rows, scans } of this.#tables.values()) {
      rows.clear();
      scans.clear();
    }
  }
}
