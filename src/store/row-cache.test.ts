/** The writer's cached state means what the database holds, after writes, rollbacks and with full tables. */
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import fc from 'fast-check';
import { rowWith, testStateContract } from '../core/state.contract.ts';
import type { Scan } from '../core/state.ts';
import { RowCache } from './row-cache.ts';
import { createSchema } from './schema.ts';
import { SqliteState } from './sqlite-state.ts';
import { entryOf, INCARNATION, temporaryStore } from './store.fixture.ts';
import { openStore } from './store.ts';

function states(): { readonly cached: SqliteState; readonly plain: SqliteState } {
  const database = new DatabaseSync(':memory:');
  createSchema(database);
  return { cached: new SqliteState(database, new RowCache()), plain: new SqliteState(database) };
}

testStateContract('SqliteState with its cache', () => states().cached);

test('whatever is written and asked in between, the cache answers as the database does', () => {
  const id = fc.constantFrom('U:A', 'U:B', 'V:A');
  const cells = fc.record({
    userId: fc.constantFrom('U', 'V', null),
    role: fc.constantFrom('A', 'B'),
    present: fc.constantFrom(0, 1),
  });
  const scan: fc.Arbitrary<Scan> = fc.record({
    equals: fc.constantFrom(['U'], ['U', 1], ['V'], ['V', 0]),
    reverse: fc.boolean(),
    limit: fc.nat(3),
  });
  const step = fc.oneof(fc.record({ put: id, cells }), fc.record({ get: id }), fc.record({ scan }));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const { cached, plain } = states();
      for (const one of steps) {
        if ('put' in one) cached.putRow('user_role', rowWith('user_role', one.put, one.cells));
        else if ('get' in one)
          assert.deepEqual(cached.get('user_role', one.get), plain.get('user_role', one.get));
        else
          assert.deepEqual(
            cached.scan('user_role', 'user', one.scan),
            plain.scan('user_role', 'user', one.scan),
          );
      }
    }),
  );
});

test('what a transaction wrote before it was rolled back is not remembered', (t) => {
  const { store } = temporaryStore(t);
  assert.equal(store.state.get('site', 'SITE-1'), undefined);
  assert.throws(() =>
    store.transaction(() => {
      store.appendEntry(INCARNATION, entryOf(1));
      assert.equal(store.state.get('site', 'SITE-1')?.name, 'site 1');
      throw new Error('the disk is full');
    }),
  );
  assert.equal(store.state.get('site', 'SITE-1'), undefined);
  assert.deepEqual(store.state.scan('site', 'name', { equals: ['site 1'], limit: 1 }), []);
  store.transaction(() => store.appendEntry(INCARNATION, entryOf(1)));
  assert.equal(store.state.get('site', 'SITE-1')?.name, 'site 1');
});

test('a reader sees what the writer has committed since it last asked', (t) => {
  const { store, path } = temporaryStore(t);
  const reader = openStore({ path, mode: 'read' });
  t.after(() => reader.close());
  assert.equal(reader.state.get('site', 'SITE-1'), undefined);
  store.transaction(() => store.appendEntry(INCARNATION, entryOf(1)));
  assert.equal(reader.state.get('site', 'SITE-1')?.name, 'site 1');
});

test('a table with more rows than are kept answers them all', () => {
  const { cached } = states();
  const ids = Array.from({ length: 33_000 }, (_, i) => `S${i}`);
  for (const id of ids) assert.equal(cached.get('site', id), undefined);
  cached.putRow('site', rowWith('site', 'S0', { name: 'a' }));
  assert.equal(cached.get('site', 'S0')?.name, 'a');
  assert.equal(cached.get('site', 'S32999'), undefined);
});
