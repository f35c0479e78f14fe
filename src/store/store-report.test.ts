/** The report of a store: its tables with their rows, counted up to a bound, and its SQL. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { temporaryStore } from './store.fixture.ts';
import { storeReport } from './store-report.ts';

test('rows are counted, up to a bound', (t) => {
  const { store } = temporaryStore(t);
  for (let i = 0; i < 5; i++) store.setLocal(`name ${i}`, 'a value that is told to nobody');
  const local = (bound?: number) =>
    storeReport(store, bound).tables.find(({ table }) => table === 'local') ?? null;
  assert.deepEqual(local(), { table: 'local', rows: 5, more: false });
  assert.deepEqual(local(5), { table: 'local', rows: 5, more: false });
  assert.deepEqual(local(4), { table: 'local', rows: 4, more: true });
});

test('every table and index there is stands with its SQL, and no value of a row', (t) => {
  const { store } = temporaryStore(t);
  store.setLocal('name', 'a value that is told to nobody');
  const report = storeReport(store);
  assert.ok(report.schema.some((sql) => sql.startsWith('CREATE TABLE "key"')));
  assert.ok(report.schema.some((sql) => sql.startsWith('CREATE INDEX audit_by_entity')));
  assert.equal(report.tables.length, report.schema.filter((sql) => sql.startsWith('CREATE TABLE')).length);
  assert.ok(report.fileBytes > report.freeBytes);
  assert.doesNotMatch(JSON.stringify(report), /told to nobody/);
});
