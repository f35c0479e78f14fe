/** The SQL of the store: replicated tables follow core/tables.ts, local ones stand in local-tables.ts. It never touches rows. */
import type { DatabaseSync } from 'node:sqlite';
import type { Index } from '../core/table.ts';
import { columnNames, TABLE_NAMES, type TableName, tableOf } from '../core/tables.ts';
import { OpenKmaError } from '../errors.ts';
import { LOCAL_TABLES } from './local-tables.ts';
import { MIGRATIONS } from './migrations/index.ts';
import type { Migration } from './migrations/migration.ts';

/** Marks the file as ours ("OKMA"), so that another program's database is not taken for a store. */
const APPLICATION_ID = 0x4f4b4d41;

/**
 * A bound LIMIT. The sum matters: SQLite looks into a bare `LIMIT ?` while planning and therefore compiles the statement anew at
 * every call, which costs more than most scans.
 */
export const BOUND_LIMIT = 'LIMIT ? + 0';

/** Of a store as this program makes it. */
export const SCHEMA_VERSION = MIGRATIONS.length + 1;

export function quoted(identifier: string): string {
  return `"${identifier}"`;
}

export function indexName(table: TableName, index: string): string {
  return `${table}_by_${index}`;
}

/** WITHOUT ROWID: a tenth smaller and as fast, measured with 400,000 keys. STRICT: a cell of the wrong type is a broken invariant. */
function tableStatements(table: TableName): string[] {
  const { columns } = tableOf(table);
  const declarations = columnNames(table).map((name) => {
    if (name === 'id') return '"id" TEXT NOT NULL PRIMARY KEY';
    if (name === 'stamps') return '"stamps" TEXT NOT NULL';
    return `${quoted(name)} ${columns[name]?.type === 'integer' ? 'INTEGER' : 'TEXT'}`;
  });
  return [
    `CREATE TABLE ${quoted(table)} (${declarations.join(', ')}) STRICT, WITHOUT ROWID`,
    ...indexStatements(table),
  ];
}

function indexStatements(table: TableName): string[] {
  return Object.entries(tableOf(table).indexes).map(([name, index]) => {
    const conditions = indexConditions(index);
    const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
    // The NULLs at the end cost a byte each and let a count read the index alone.
    const columns = [...index.columns, 'id', ...(index.whereNull ?? [])].map(quoted).join(', ');
    return `CREATE INDEX ${quoted(indexName(table, name))} ON ${quoted(table)} (${columns})${where}`;
  });
}

/** What a partial index demands of its rows; a query has to repeat it literally, else SQLite does not see that the index serves. */
export function indexConditions({ whereNull = [], whereFilled }: Index): string[] {
  const nulls = whereNull.map((column) => `${quoted(column)} IS NULL`);
  return whereFilled === undefined ? nulls : [...nulls, `${quoted(whereFilled)} <> ''`];
}

export function createSchema(database: DatabaseSync, migrations: readonly Migration[] = MIGRATIONS): void {
  database.exec('BEGIN IMMEDIATE');
  for (const statement of [...TABLE_NAMES.flatMap(tableStatements), ...LOCAL_TABLES])
    database.exec(statement);
  database.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
  database.exec(`PRAGMA user_version = ${migrations.length + 1}`);
  database.exec('COMMIT');
}

/** Brings an older store up to date; a reader does not migrate, the core has done so before it. */
export function migrateSchema(database: DatabaseSync, migrations: readonly Migration[] = MIGRATIONS): void {
  const current = migrations.length + 1;
  const version = checkedVersion(database, current);
  if (version < current) {
    database.exec('BEGIN IMMEDIATE');
    try {
      for (const statement of migrations.slice(version - 1).flat()) database.exec(statement);
      database.exec(`PRAGMA user_version = ${current}`);
      database.exec('COMMIT');
    } catch (error) {
      database.exec('ROLLBACK');
      throw error;
    }
  }
  assertColumns(database);
}

export function assertSchemaCurrent(database: DatabaseSync): void {
  const version = checkedVersion(database, SCHEMA_VERSION);
  if (version !== SCHEMA_VERSION)
    throw new Error(`the store has schema version ${version}; open it for writing first`);
  assertColumns(database);
}

function checkedVersion(database: DatabaseSync, current: number): number {
  if (pragma(database, 'application_id') !== APPLICATION_ID)
    throw new OpenKmaError('DATA_DIRECTORY_EMPTY', 'the database is empty or not one of OpenKMA');
  const version = pragma(database, 'user_version');
  if (version > current)
    throw new OpenKmaError('SCHEMA_TOO_NEW', `schema version ${version}, known up to ${current}`);
  return version;
}

/** Tables that lack a declared column mean a forgotten migration: better said at start than at the first write. */
function assertColumns(database: DatabaseSync): void {
  for (const table of TABLE_NAMES) {
    const rows = database.prepare(`SELECT name FROM pragma_table_info('${table}')`).all();
    const present = new Set(rows.map((row) => row['name']));
    const missing = columnNames(table).filter((name) => !present.has(name));
    if (missing.length > 0)
      throw new Error(`table ${table} lacks ${missing.join(', ')}: a migration is missing`);
  }
}

function pragma(database: DatabaseSync, name: string): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name] ?? 0);
}
