/** The store as a thing: its size, its tables with how many rows they have, and their SQL. It reads no row. */
import type { StoreReport } from '../operations/contexts.ts';
import { quoted } from './schema.ts';
import type { Store } from './store.ts';

/** Counting reads the table: of a long one only that it is long. */
const ROWS_COUNTED_MAX = 100_000;

export function storeReport({ database }: Store, rowsCountedMax = ROWS_COUNTED_MAX): StoreReport {
  const pragma = (name: string) => Number(database.prepare(`PRAGMA ${name}`).get()?.[name] ?? 0);
  const schema = database.prepare('SELECT type, name, sql FROM sqlite_schema ORDER BY type, name').all();
  const tables = schema.filter(({ type }) => type === 'table').map(({ name }) => String(name));
  return {
    fileBytes: pragma('page_count') * pragma('page_size'),
    freeBytes: pragma('freelist_count') * pragma('page_size'),
    tables: tables.map((table) => {
      const counted = database
        .prepare(`SELECT count(*) AS rows FROM (SELECT 1 FROM ${quoted(table)} LIMIT ?)`)
        .get(rowsCountedMax + 1);
      const rows = Number(counted?.['rows']);
      return { table, rows: Math.min(rows, rowsCountedMax), more: rows > rowsCountedMax };
    }),
    // What SQLite makes by itself has none.
    schema: schema.flatMap(({ sql }) => (sql === null ? [] : [String(sql).replace(/\s+/g, ' ')])),
  };
}
