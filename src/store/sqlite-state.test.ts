/** SqliteState keeps the contract of the state, means the same as MapState for any rows and scans, and uses its indexes. */
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import fc from 'fast-check';
import { MapState } from '../core/map-state.ts';
import { rowWith, testStateContract } from '../core/state.contract.ts';
import type { Scan } from '../core/state.ts';
import { createSchema } from './schema.ts';
import { SqliteState } from './sqlite-state.ts';

function sqliteState(): SqliteState {
  const database = new DatabaseSync(':memory:');
  createSchema(database);
  return new SqliteState(database);
}

testStateContract('SqliteState', sqliteState);

test('SqliteState answers any scan as MapState does', () => {
  const database = new DatabaseSync(':memory:');
  createSchema(database);
  const sqlite = new SqliteState(database);
  const text = fc.constantFrom(null, '', 'a', 'B', 'ä', 'é\u0301');
  const number = fc.constantFrom(null, -1, 0, 1, 9, 10, 2 ** 52);
  const rows = fc.array(
    fc.record({ id: fc.constantFrom('1', '2', '3', '4', 'A', 'a'), userId: text, present: number }),
  );
  const scans = fc.record(
    {
      text,
      number,
      atLeast: number,
      atMost: number,
      reverse: fc.boolean(),
      limit: fc.nat(4),
      depth: fc.nat(2),
    },
    { requiredKeys: ['text', 'number', 'limit', 'depth'] },
  );
  fc.assert(
    fc.property(rows, scans, (drawn, { text, number, depth, ...rest }) => {
      const maps = new MapState();
      database.exec('DELETE FROM user_role');
      for (const { id, ...cells } of drawn)
        for (const state of [maps, sqlite]) state.putRow('user_role', rowWith('user_role', id, cells));
      const scan: Scan = { ...rest, equals: [text, number].slice(0, depth) };
      if (depth === 0 && (scan.atLeast !== undefined || scan.atMost !== undefined)) return;
      assert.deepEqual(sqlite.scan('user_role', 'user', scan), maps.scan('user_role', 'user', scan));
      assert.equal(sqlite.count('user_role', 'user', scan), maps.count('user_role', 'user', scan));
    }),
    { numRuns: 300 },
  );
});

test('what a peer confirms anew replaces all that it confirmed before, and nothing of others', () => {
  const database = new DatabaseSync(':memory:');
  createSchema(database);
  const state = new SqliteState(database);
  const rows = () =>
    database
      .prepare('SELECT peer, incarnation, seq FROM peer_holding ORDER BY peer, incarnation')
      .all()
      .map((row) => Object.values(row).join(' '));
  state.putHoldings('P', { A: 1, B: 2, C: 3 });
  state.putHoldings('Q', { A: 9 });
  state.putHoldings('P', { A: 1, B: 5, D: 4 });
  assert.deepEqual(rows(), ['P A 1', 'P B 5', 'P D 4', 'Q A 9']);
  state.putHoldings('P', {});
  assert.deepEqual(rows(), ['Q A 9']);
});

test('replaceRow leaves the row as putRow would', () => {
  const [put, replaced] = [sqliteState(), sqliteState()];
  const before = rowWith('user_role', 'U:A', { userId: 'U', role: 'A', present: 1 });
  const after = rowWith('user_role', 'U:A', {
    userId: 'U',
    role: null,
    present: 0,
    stamps: '{"S":"present"}',
  });
  for (const state of [put, replaced]) state.putRow('user_role', before);
  put.putRow('user_role', after);
  replaced.replaceRow('user_role', before, after);
  replaced.replaceRow('user_role', after, after);
  assert.deepEqual(replaced.get('user_role', 'U:A'), put.get('user_role', 'U:A'));
  assert.deepEqual(replaced.get('user_role', 'U:A'), after);
  assert.equal(replaced.count('user_role', 'user', { equals: ['U', 0] }), 1);
  assert.equal(replaced.count('user_role', 'user', { equals: ['U', 1] }), 0);
});

test('scans search their index and need no sorting', () => {
  const plans: string[] = [];
  const database = new DatabaseSync(':memory:');
  createSchema(database);
  const prepare = database.prepare.bind(database);
  database.prepare = (sql: string) => {
    if (sql.includes('INDEXED BY'))
      plans.push(
        ...prepare(`EXPLAIN QUERY PLAN ${sql}`)
          .all()
          .map((row) => String(row['detail'])),
      );
    return prepare(sql);
  };
  const state = new SqliteState(database);
  const equals = ['I'];
  state.scan('key', 'pool', { equals, limit: 1 });
  state.scan('key', 'pool', { equals, atLeast: 1, atMost: 2, reverse: true, limit: 1 });
  state.count('key', 'pool', { equals, atMost: 2 });
  assert.equal(plans.length, 3);
  for (const plan of plans) assert.match(plan, /^SEARCH key USING (COVERING )?INDEX key_by_pool/);
});
