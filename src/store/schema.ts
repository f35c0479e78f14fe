/** The SQL of the store: replicated tables follow core/tables.ts, local ones are written here. It never touches rows. */
import type { DatabaseSync } from 'node:sqlite';
import type { Index } from '../core/table.ts';
import { columnNames, TABLE_NAMES, type TableName, tableOf } from '../core/tables.ts';
import { OpenKmaError } from '../errors.ts';

/** Marks the file as ours ("OKMA"), so that another program's database is not taken for a store. */
const APPLICATION_ID = 0x4f4b4d41;

/** Statements that lead from one schema version to the next. */
export type Migration = readonly string[];

/** Log-ins of persons at this KMA (D7): known by the fingerprint of the key that the client made itself. */
const USER_SESSIONS: Migration = [
  `CREATE TABLE user_session (fingerprint TEXT PRIMARY KEY, user_id TEXT NOT NULL, verifier TEXT NOT NULL,
     enabled_stamp TEXT NOT NULL, created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, used_at INTEGER NOT NULL)
     STRICT, WITHOUT ROWID`,
  'CREATE INDEX user_session_by_user ON user_session (user_id, created_at)',
];

/** What the modern proof needs that version 1 did not have. */
const PROOF_COLUMNS: Migration = [
  'ALTER TABLE "kma" ADD COLUMN "verifierObjectId" TEXT',
  'ALTER TABLE "kma" ADD COLUMN "verifierSha256" TEXT',
  'ALTER TABLE "kma" ADD COLUMN "enrolled" INTEGER',
  'ALTER TABLE "kma" ADD COLUMN "proofDisabled" INTEGER',
  ...USER_SESSIONS,
];

/** Written out, not computed from core/tables.ts: a migration leads to the tables of its own version for ever. */
const PARTIAL_INDEXES: Migration = [
  'DROP INDEX key_by_pool',
  'DROP INDEX key_by_activatedGroup',
  'DROP INDEX key_by_changedGroup',
  'DROP INDEX data_unit_by_external',
  `CREATE INDEX key_by_pool ON key (incarnationId, madeSeq, id, activatedStamp, compromisedStamp, destroyedStamp)
     WHERE activatedStamp IS NULL AND compromisedStamp IS NULL AND destroyedStamp IS NULL`,
  `CREATE INDEX key_by_activatedGroup ON key (activatedKeyGroupId, activatedStamp, id) WHERE activatedKeyGroupId <> ''`,
  `CREATE INDEX key_by_changedGroup ON key (changedKeyGroupId, id) WHERE changedKeyGroupId <> ''`,
  `CREATE INDEX data_unit_by_external ON data_unit (externalUniqueId, id) WHERE externalUniqueId <> ''`,
];
const CLUSTERED_LOG_AND_OBJECTS: Migration = [
  'ALTER TABLE log RENAME TO log_1',
  `CREATE TABLE log (incarnation TEXT NOT NULL, seq INTEGER NOT NULL, stamp TEXT NOT NULL, bytes BLOB NOT NULL,
     PRIMARY KEY (incarnation, seq)) STRICT, WITHOUT ROWID`,
  'INSERT INTO log SELECT incarnation, seq, stamp, bytes FROM log_1 ORDER BY incarnation, seq',
  'DROP TABLE log_1',
  'ALTER TABLE object RENAME TO object_1',
  `CREATE TABLE object (id TEXT PRIMARY KEY, class TEXT NOT NULL, kind TEXT NOT NULL, owner TEXT NOT NULL,
     epoch TEXT NOT NULL, sha256 TEXT NOT NULL, bytes BLOB NOT NULL) STRICT, WITHOUT ROWID`,
  'INSERT INTO object SELECT id, class, kind, owner, epoch, sha256, bytes FROM object_1 ORDER BY id',
  'DROP TABLE object_1',
];

const ROOT_RENEWAL: Migration = [
  'ALTER TABLE "certificate_authority" ADD COLUMN "previousCertificatePem" TEXT',
  'ALTER TABLE "certificate_authority" ADD COLUMN "renewedAt" INTEGER',
];

/** The first leads from version 1 to 2, the second to 3. A change of core/tables.ts needs one as soon as a release has written the old tables. */
export const MIGRATIONS: readonly Migration[] = [
  [...PARTIAL_INDEXES, ...CLUSTERED_LOG_AND_OBJECTS, ...PROOF_COLUMNS],
  [...ROOT_RENEWAL],
];

/**
 * Local tables are not part of the state hash: `log` holds the exact bytes of every incarnation's log entries, `folded` says
 * how many of each are in the tables (the version vector) and the greatest stamp among them, `audit` the hash chains,
 * `object` what is sealed or too large for facts, `local` this machine's own values and `user_session` the log-ins at it, which
 * backups leave out.
 */
const LOCAL_TABLES: readonly string[] = [
  `CREATE TABLE log (incarnation TEXT NOT NULL, seq INTEGER NOT NULL, stamp TEXT NOT NULL, bytes BLOB NOT NULL,
     PRIMARY KEY (incarnation, seq)) STRICT, WITHOUT ROWID`,
  `CREATE TABLE folded (incarnation TEXT PRIMARY KEY, length INTEGER NOT NULL, stamp TEXT NOT NULL) STRICT, WITHOUT ROWID`,
  `CREATE TABLE object (id TEXT PRIMARY KEY, class TEXT NOT NULL, kind TEXT NOT NULL, owner TEXT NOT NULL,
     epoch TEXT NOT NULL, sha256 TEXT NOT NULL, bytes BLOB NOT NULL) STRICT, WITHOUT ROWID`,
  `CREATE TABLE audit (row INTEGER PRIMARY KEY, incarnation TEXT NOT NULL, term TEXT NOT NULL, seq INTEGER NOT NULL,
     hash TEXT NOT NULL, created_at INTEGER NOT NULL, operation TEXT NOT NULL, severity TEXT NOT NULL,
     entity TEXT NOT NULL, record TEXT NOT NULL) STRICT`,
  'CREATE UNIQUE INDEX audit_by_chain ON audit (incarnation, term, seq)',
  'CREATE INDEX audit_by_created_at ON audit (created_at)',
  'CREATE INDEX audit_by_operation ON audit (operation)',
  'CREATE INDEX audit_by_entity ON audit (entity)',
  // Nearly all records are successes, and nobody looks for those by severity: they cost this index nothing.
  `CREATE INDEX audit_by_trouble ON audit (severity) WHERE severity <> 'success'`,
  'CREATE TABLE local (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID',
  ...USER_SESSIONS,
];

/**
 * A bound LIMIT. The sum matters: SQLite looks into a bare `LIMIT ?` while planning and therefore compiles the statement anew at
 * every call, which costs more than most scans.
 */
export const BOUND_LIMIT = 'LIMIT ? + 0';

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
  const version = checkedVersion(database, MIGRATIONS.length + 1);
  if (version !== MIGRATIONS.length + 1)
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
