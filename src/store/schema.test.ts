/** Schema versions: an older store is brought up to date, a newer or foreign one refused, a forgotten migration noticed. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { assertSchemaCurrent, createSchema, MIGRATIONS, type Migration, migrateSchema } from './schema.ts';
import { temporaryStore } from './store.fixture.ts';
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

test('a store of version 1 gets every table, column and index that a new one has', () => {
  const [old, fresh] = [new DatabaseSync(':memory:'), new DatabaseSync(':memory:')];
  createSchema(fresh);
  old.exec(readFileSync(new URL('version-1.fixture.sql', import.meta.url), 'utf8'));
  old.exec(`INSERT INTO kma (id, stamps, name) VALUES ('K', '{}', 'kma-1')`);
  assert.equal(versionOf(old), 1);
  migrateSchema(old);
  assert.deepEqual(shapeOf(old), shapeOf(fresh));
  assert.equal(old.prepare('SELECT name FROM kma').get()?.['name'], 'kma-1');
  assert.equal(versionOf(old), MIGRATIONS.length + 1);
});

/** Columns with their types by table, whatever their order, and the indexes. */
function shapeOf(database: DatabaseSync): unknown {
  const rows = database.prepare("SELECT type, name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'").all();
  return rows
    .map(({ type, name }) => {
      const columns = database.prepare(`SELECT name, type FROM pragma_table_info('${name}')`).all();
      return `${type} ${name}: ${columns
        .map((column) => `${column['name']} ${column['type']}`)
        .sort()
        .join(', ')}`;
    })
    .sort();
}

test('a migration that fails leaves the older schema as it was', () => {
  const database = olderDatabase();
  assert.throws(
    () => migrateSchema(database, [...MIGRATIONS, MIGRATION, ['SELECT 1 FROM nowhere']]),
    /nowhere/,
  );
  assert.equal(versionOf(database), MIGRATIONS.length + 1);
  assert.throws(() => database.exec('SELECT description FROM site'), /no such column/);
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
