/** The state hash: independent of the order of insertion and of everything local, changed by any single cell. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { rowWith } from '../core/state.contract.ts';
import { columnNames, TABLE_NAMES, type TableName, tableOf } from '../core/tables.ts';
import { stateHash } from './state-hash.ts';
import { auditEntryOf, INCARNATION, temporaryStore } from './store.fixture.ts';
import type { Store } from './store.ts';

function filledStore(t: TestContext, order: 'forwards' | 'backwards'): Store {
  const { store } = temporaryStore(t);
  const rows = TABLE_NAMES.flatMap((table) => ['1', '2'].map((id) => [table, rowWith(table, id)] as const));
  if (order === 'backwards') rows.reverse();
  store.transaction(() => {
    for (const [table, row] of rows) store.state.putRow(table, row);
  });
  return store;
}

test('equal rows have equal hashes in whatever order they were written', (t) => {
  const [a, b] = [filledStore(t, 'forwards'), filledStore(t, 'backwards')];
  assert.equal(stateHash(a), stateHash(b));
  assert.match(stateHash(a), /^[0-9A-F]{64}$/);
  assert.notEqual(stateHash(a), stateHash(temporaryStore(t).store));
});

test('every cell of every table counts, and moving a value to the next column too', (t) => {
  const store = filledStore(t, 'forwards');
  const seen = new Set([stateHash(store)]);
  let cells = 0;
  for (const table of TABLE_NAMES)
    for (const column of columnNames(table)) {
      if (column === 'id') continue;
      const value = tableOf(table).columns[column]?.type === 'integer' ? 1 : 'x';
      store.state.putRow(table, rowWith(table, '1', { [column]: value }));
      seen.add(stateHash(store));
      store.state.putRow(table, rowWith(table, '1'));
      cells += 1;
    }
  assert.equal(seen.size, cells + 1);
});

test('numbers and texts of the same look differ', (t) => {
  const [a, b] = [temporaryStore(t).store, temporaryStore(t).store];
  a.state.putRow('site', rowWith('site', '1', { name: '1' }));
  b.state.putRow('site', rowWith('site', '1', { createdAt: 1 }));
  assert.notEqual(stateHash(a), stateHash(b));
});

test('local tables are not in the hash', (t) => {
  const store = filledStore(t, 'forwards');
  const before = stateHash(store);
  store.setLocal('locked', '1');
  store.transaction(() => store.appendAudit(INCARNATION, auditEntryOf(1)));
  assert.equal(stateHash(store), before);
});

test('the hash of tables that old backups hold stays: a later version may restore them', (t) => {
  const { store } = temporaryStore(t);
  store.transaction(() => {
    for (const table of TABLES_OF_SCHEMA_2) store.state.putRow(table, rowWith(table, '1'));
  });
  assert.equal(stateHash(store), '0E764C85C9DBF81D66F46B09A7824CB7778E481FFCC7C1F1610BF68902906A18');
});
const TABLES_OF_SCHEMA_2: readonly TableName[] = [
  'kma',
  'incarnation',
  'site',
  'user',
  'user_role',
  'key_policy',
  'key_group',
  'agent',
  'agent_certificate',
  'agent_group',
  'data_unit',
  'key',
  'data_unit_key',
  'object_erasure',
  'backup',
  'core_security_backup',
  'key_split',
  'master_epoch',
  'master_wrap',
  'certificate_authority',
  'setting',
  'audit_cut',
  'audit_head',
];

test('many rows give one hash whatever the size of the pieces hashed', (t) => {
  const [a, b] = [temporaryStore(t).store, temporaryStore(t).store];
  const ids = Array.from({ length: 1000 }, (_, i) => String(i));
  for (const [store, order] of [
    [a, ids],
    [b, [...ids].reverse()],
  ] as const)
    store.transaction(() => {
      for (const id of order) store.state.putRow('site', rowWith('site', id, { name: 'n'.repeat(200) }));
    });
  assert.equal(stateHash(a), stateHash(b));
});
