/** Schema versions: an older store is brought up to date, a newer or foreign one refused, a forgotten migration noticed. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { TABLE_NAMES } from '../core/tables.ts';
import { MACHINE_TABLES } from './local-tables.ts';
import { MIGRATIONS } from './migrations/index.ts';
import type { Migration } from './migrations/migration.ts';
import { assertSchemaCurrent, createSchema, migrateSchema } from './schema.ts';
import { auditEntryOf, INCARNATION, temporaryStore } from './store.fixture.ts';
import { openStore } from './store.ts';

/** A store as version 1 would have written it, had it known no site descriptions. */
function olderDatabase(): DatabaseSync {
  const database = new DatabaseSync(':memory:');
  createSchema(database);
  database.exec(
    `ALTER TABLE site DROP COLUMN description; INSERT INTO site (id, stamps, name) VALUES ('S', '{}', 'a')`,
  );
  return database;
}
const MIGRATION: Migration = [
  'ALTER TABLE site ADD COLUMN description TEXT',
  `UPDATE site SET description = name`,
];

const versionOf = (database: DatabaseSync) => database.prepare('PRAGMA user_version').get()?.['user_version'];

test('an older schema is migrated once, and its rows with it', () => {
  const database = olderDatabase();
  const later = [...MIGRATIONS, MIGRATION];
  migrateSchema(database, later);
  migrateSchema(database, later);
  assert.equal(versionOf(database), later.length + 1);
  assert.equal(database.prepare('SELECT description FROM site').get()?.['description'], 'a');
});

test('a migration that fails leaves the older schema as it was', () => {
  const database = olderDatabase();
  assert.throws(
    () => migrateSchema(database, [...MIGRATIONS, MIGRATION, ['SELECT 1 FROM nowhere']]),
    /nowhere/,
  );
  assert.equal(versionOf(database), MIGRATIONS.length + 1);
  assert.throws(() => database.exec('SELECT description FROM site'), /no such column/);
});

test('a store of version 1 becomes one whose schema is as if made new', () => {
  const migrated = new DatabaseSync(':memory:');
  migrated.exec(readFileSync(new URL('./schema-version-1.fixture.sql', import.meta.url), 'utf8'));
  migrated.exec(`INSERT INTO log VALUES ('I', 2, 's', x'02'), ('I', 1, 's', x'01');
    INSERT INTO object VALUES ('O', 'open', 'kind', 'owner', '', 'hash', x'03');
    INSERT INTO local VALUES ('erasuresPending', '["E2","E1","E2"]');
    INSERT INTO key_split (id, stamps, size) VALUES ('S', '{}', 5);
    INSERT INTO incarnation (id, stamps, kmaId) VALUES ('I', '{}', 'KMA')`);
  migrateSchema(migrated);
  const made = new DatabaseSync(':memory:');
  createSchema(made);
  assert.deepEqual(schemaOf(migrated), schemaOf(made));
  const bytes = migrated.prepare('SELECT bytes FROM log ORDER BY seq').all();
  assert.deepEqual(
    bytes.map((row) => row['bytes']),
    [Uint8Array.of(1), Uint8Array.of(2)],
  );
  assert.deepEqual(migrated.prepare('SELECT bytes FROM object').get()?.['bytes'], Uint8Array.of(3));
  const one = (sql: string) =>
    migrated
      .prepare(sql)
      .all()
      .map((row) => Object.values(row)[0]);
  assert.deepEqual(one('SELECT id FROM erasure_pending ORDER BY id'), ['E1', 'E2']);
  assert.deepEqual(one('SELECT name FROM local'), []);
  assert.deepEqual(one('SELECT size FROM key_split'), [5]);
  assert.deepEqual(one('SELECT kmaId FROM incarnation'), ['KMA']);
});

test('audit records of version 1 are found by what they say, and stay intact; a spoilt one stops nothing', (t) => {
  const { store } = temporaryStore(t);
  const migrated = new DatabaseSync(':memory:');
  migrated.exec(readFileSync(new URL('./schema-version-1.fixture.sql', import.meta.url), 'utf8'));
  const insert = migrated.prepare(
    `INSERT INTO audit (incarnation, term, seq, hash, created_at, operation, severity, entity, record)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const columns = 'incarnation, term, seq, hash, created_at, operation, severity, entity, record';
  store.transaction(() => {
    for (const message of ['', 'name="Ä\u{1f511}"'])
      store.appendAudit(INCARNATION, auditEntryOf(message.length, { message, solution: 'Retry' }));
  });
  for (const row of store.database.prepare(`SELECT ${columns} FROM audit`).all())
    insert.run(...Object.values(row));
  insert.run(INCARNATION, 'long', 1, '', 1, 'x', 'error', '', 'no JSON');
  migrateSchema(migrated);
  const all = (database: DatabaseSync) =>
    database.prepare(`SELECT * FROM audit WHERE term = 'short' ORDER BY row`).all();
  assert.deepEqual(all(migrated), all(store.database));
  assert.equal(migrated.prepare('SELECT message FROM audit WHERE id = ?').get('')?.['message'], '');
});

test('what version 6 counted by agent is what the KMA has served in those hours', () => {
  const migrated = new DatabaseSync(':memory:');
  createSchema(migrated);
  migrated.exec(`DROP TABLE kma_hour; DROP TABLE kma_performance; DROP TABLE audit_copy;
    DROP TABLE audit_proof; ALTER TABLE log_end DROP COLUMN laterLength; PRAGMA user_version = 6;
    INSERT INTO agent_performance VALUES (5, 'A', 1, 2, 3, 4, 5, 0.5), (5, 'B', 10, 20, 30, 40, 50, 1.5),
      (6, 'A', 7, 0, 0, 0, 0, 0.25)`);
  migrateSchema(migrated);
  assert.deepEqual(
    migrated
      .prepare('SELECT * FROM kma_performance ORDER BY hour')
      .all()
      .map((row) => Object.values(row)),
    [
      [5, 2, 11, 22, 33, 44, 55, 2, 0, 0, 0],
      [6, 1, 7, 0, 0, 0, 0, 0.25, 0, 0, 0],
    ],
  );
});

/** Tables and indexes with their columns and conditions, however they came about. */
function schemaOf(database: DatabaseSync): readonly unknown[] {
  const named = database.prepare(`SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name`);
  return named.all().map(({ type, name, tbl_name, sql }) => ({
    type,
    name,
    table: tbl_name,
    sql: String(sql).replaceAll('"', '').replaceAll(/\s+/g, ' '),
    columns: database.prepare(`SELECT * FROM pragma_table_xinfo(?)`).all(String(name)),
  }));
}

test('every table that is neither replicated nor part of a backup is named as one of this machine', () => {
  const made = new DatabaseSync(':memory:');
  createSchema(made);
  const tables = made.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`).all();
  const inBackups = [...TABLE_NAMES, 'log', 'folded', 'object', 'audit', 'audit_copy', 'audit_proof'];
  assert.deepEqual(
    tables
      .map(({ name }) => String(name))
      .filter((name) => !inBackups.includes(name) && !name.startsWith('sqlite_'))
      .sort(),
    [...MACHINE_TABLES].sort(),
  );
});

test('a table without a declared column is refused: its migration was forgotten', () => {
  const database = olderDatabase();
  assert.throws(() => migrateSchema(database), /table site lacks description/);
  assert.throws(() => assertSchemaCurrent(database), /table site lacks description/);
});

test('a store of a newer version is refused for writing and reading', (t) => {
  const { store, path } = temporaryStore(t);
  store.database.exec('PRAGMA user_version = 1000');
  store.close();
  for (const mode of ['write', 'read'] as const)
    assert.throws(() => openStore({ path, mode }), { code: 'SCHEMA_TOO_NEW', detail: /1000/ });
});

test("another program's database is not taken for a store", (t) => {
  const { store, path } = temporaryStore(t);
  store.database.exec('PRAGMA application_id = 0');
  store.close();
  assert.throws(() => openStore({ path, mode: 'write' }), { code: 'DATA_DIRECTORY_EMPTY' });
});
