/** What every implementation of the state must do, run against each by its own test file; it knows none of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IncarnationId } from './ids.ts';
import type { Holding } from './peer-holding.ts';
import type { FoldTarget, Scan, StateView } from './state.ts';
import type { Cell } from './table.ts';
import { type AnyRow, columnNames, type IndexName, type TableName } from './tables.ts';

export interface State extends StateView, FoldTarget {
  putHolding(incarnationId: IncarnationId, holding: Holding): void;
}

/** A whole row with NULL in every cell that is not given. */
export function rowWith(
  table: TableName,
  id: string,
  cells: { readonly [column: string]: Cell } = {},
): AnyRow {
  const blank = Object.fromEntries(columnNames(table).map((name) => [name, null]));
  return { ...blank, stamps: '{}', ...cells, id } as AnyRow;
}

export function testStateContract(name: string, make: () => State): void {
  const testState = (behaviour: string, check: (state: State) => void) =>
    test(`${name} ${behaviour}`, () => check(make()));

  testState('gives undefined for a row nobody wrote', (state) => {
    assert.equal(state.get('site', 'S1'), undefined);
    assert.equal(state.getRow('site', 'S1'), undefined);
  });

  testState('gives back every cell as it was put', (state) => {
    const row = rowWith('site', 'S1', {
      name: 'Zürich \u{1F511}',
      description: '',
      createdAt: 1_700_000_000_000,
    });
    state.putRow('site', row);
    assert.deepEqual(state.get('site', 'S1'), row);
    assert.deepEqual(state.getRow('site', 'S1'), row);
  });

  testState('replaces a row whole', (state) => {
    state.putRow('site', rowWith('site', 'S1', { name: 'a', description: 'first' }));
    state.putRow('site', rowWith('site', 'S1', { name: 'b' }));
    assert.deepEqual(state.page('site', '', 10), [rowWith('site', 'S1', { name: 'b' })]);
  });

  testState('keeps tables apart', (state) => {
    state.putRow('site', rowWith('site', 'X'));
    assert.equal(state.get('key_group', 'X'), undefined);
  });

  testState('pages in order of ID, from after the given one', (state) => {
    for (const id of ['C', 'A', 'D', 'B']) state.putRow('setting', rowWith('setting', id));
    const ids = (after: string, limit: number) => state.page('setting', after, limit).map((row) => row.id);
    assert.deepEqual(ids('', 3), ['A', 'B', 'C']);
    assert.deepEqual(ids('C', 3), ['D']);
    assert.deepEqual(ids('D', 3), []);
    assert.deepEqual(ids('AA', 1), ['B']);
  });

  testScans(testState);
  testNulls(testState);
  testHoldings(testState);
}

type TestState = (behaviour: string, check: (state: State) => void) => void;

function testScans(testState: TestState): void {
  const made = (state: State) => {
    for (const [id, madeSeq] of [
      ['K1', 30],
      ['K2', 10],
      ['K3', 20],
      ['K4', 20],
      ['K5', 9],
    ] as const)
      state.putRow('key', rowWith('key', id, { incarnationId: 'I', madeSeq }));
    state.putRow('key', rowWith('key', 'K6', { incarnationId: 'J', madeSeq: 20 }));
    state.putRow('key', rowWith('key', 'K7', { incarnationId: 'I', madeSeq: 1, activatedStamp: 'S' }));
  };
  const pool = ['I'] as const;
  const ids = (state: State, scan: Partial<Scan>) =>
    state.scan('key', 'pool', { equals: pool, limit: 100, ...scan }).map((row) => row.id);

  testState('orders a scan by the rest of the index, numbers as numbers, then by ID', (state) => {
    made(state);
    assert.deepEqual(ids(state, {}), ['K5', 'K2', 'K3', 'K4', 'K1']);
  });
  testState('turns the whole order around in reverse', (state) => {
    made(state);
    assert.deepEqual(ids(state, { reverse: true }), ['K1', 'K4', 'K3', 'K2', 'K5']);
  });
  testState('includes both bounds of a range', (state) => {
    made(state);
    assert.deepEqual(ids(state, { atLeast: 10, atMost: 20 }), ['K2', 'K3', 'K4']);
    assert.deepEqual(ids(state, { atLeast: 20 }), ['K3', 'K4', 'K1']);
    assert.deepEqual(ids(state, { atMost: 10 }), ['K5', 'K2']);
    assert.deepEqual(ids(state, { atLeast: 31 }), []);
    assert.deepEqual(ids(state, { atMost: 20, reverse: true, limit: 2 }), ['K4', 'K3']);
  });
  testState('returns no more rows than the limit', (state) => {
    made(state);
    assert.deepEqual(ids(state, { limit: 2 }), ['K5', 'K2']);
    assert.deepEqual(ids(state, { limit: 0 }), []);
  });
  testState('counts what a scan without a limit returns', (state) => {
    made(state);
    assert.equal(state.count('key', 'pool', { equals: pool }), 5);
    assert.equal(state.count('key', 'pool', { equals: pool, atLeast: 20 }), 3);
    assert.equal(state.count('key', 'pool', { equals: [] }), 6);
    assert.equal(state.count('key', 'pool', { equals: ['none'] }), 0);
  });
  testState('finds rows by where they are now, not where they were', (state) => {
    made(state);
    state.putRow('key', rowWith('key', 'K2', { incarnationId: 'I', madeSeq: 10, activatedStamp: 'S' }));
    assert.deepEqual(ids(state, {}), ['K5', 'K3', 'K4', 'K1']);
  });
  testState('keeps out of a partial index what is not meant for it', (state) => {
    made(state);
    for (const [id, activatedKeyGroupId] of [
      ['G1', 'g'],
      ['G2', ''],
      ['G3', null],
    ] as const)
      state.putRow('key', rowWith('key', id, { activatedKeyGroupId }));
    const found = state.scan('key', 'activatedGroup', { equals: [], limit: 9 });
    assert.deepEqual(
      found.map((row) => row.id),
      ['G1'],
    );
    assert.equal(state.count('key', 'activatedGroup', { equals: [''] }), 0);
    assert.equal(state.count('key', 'activatedGroup', { equals: [null] }), 0);
  });
  testState('gives whole rows from scans and pages', (state) => {
    const row = rowWith('user_role', 'U:OPERATOR', { userId: 'U', role: 'OPERATOR', present: 1 });
    state.putRow('user_role', row);
    assert.deepEqual(state.scan('user_role', 'user', { equals: ['U', 1], limit: 5 }), [row]);
    assert.deepEqual(state.page('user_role', '', 5), [row]);
  });
  testState('disregards bounds where the index has no further column', (state) => {
    state.putRow('user_role', rowWith('user_role', 'U:A', { userId: 'U', present: 1 }));
    const index: IndexName<'user_role'> = 'user';
    assert.equal(
      state.scan('user_role', index, { equals: ['U', 1], atLeast: 7, atMost: 8, limit: 5 }).length,
      1,
    );
    assert.equal(state.count('user_role', index, { equals: ['U', 1], atLeast: 7 }), 1);
  });
}

function testNulls(testState: TestState): void {
  const present = (state: State) => {
    for (const [id, value] of [
      ['A', null],
      ['B', 0],
      ['C', 1],
      ['D', null],
    ] as const)
      state.putRow('user_role', rowWith('user_role', id, { userId: 'U', present: value }));
    state.putRow('user_role', rowWith('user_role', 'E', { present: 1 }));
  };
  const ids = (state: State, scan: Partial<Scan>) =>
    state.scan('user_role', 'user', { equals: ['U'], limit: 100, ...scan }).map((row) => row.id);

  testState('finds NULL where NULL is asked for, and only there', (state) => {
    present(state);
    assert.deepEqual(ids(state, { equals: ['U', null] }), ['A', 'D']);
    assert.deepEqual(ids(state, { equals: [null] }), ['E']);
    assert.deepEqual(ids(state, { equals: ['U', 0] }), ['B']);
  });
  testState('orders NULL before everything', (state) => {
    present(state);
    assert.deepEqual(ids(state, {}), ['A', 'D', 'B', 'C']);
    assert.deepEqual(ids(state, { reverse: true }), ['C', 'B', 'D', 'A']);
    assert.deepEqual(ids(state, { equals: [] }), ['E', 'A', 'D', 'B', 'C']);
  });
  testState('has NULL in no bounded range, whatever the bound', (state) => {
    present(state);
    assert.deepEqual(ids(state, { atMost: 1 }), ['B', 'C']);
    assert.deepEqual(ids(state, { atLeast: 0 }), ['B', 'C']);
    assert.deepEqual(ids(state, { atLeast: null }), ['B', 'C']);
    assert.deepEqual(ids(state, { atMost: null, atLeast: 1 }), ['C']);
    assert.equal(state.count('user_role', 'user', { equals: ['U'], atLeast: null }), 2);
  });
}

function testHoldings(testState: TestState): void {
  const MINE = 'M1' as IncarnationId;
  const kma = (state: State, id: string, cells: { readonly [column: string]: Cell } = {}) =>
    state.putRow('kma', rowWith('kma', id, { createdStamp: '1', ...cells }));
  const life = (state: State, id: string, kmaId: string, cells: { readonly [column: string]: Cell } = {}) =>
    state.putRow('incarnation', rowWith('incarnation', id, { createdStamp: '1', kmaId, ...cells }));
  const cluster = (state: State) => {
    for (const id of ['M', 'P', 'Q']) kma(state, id);
    for (const id of ['M', 'P', 'Q']) life(state, `${id}1`, id);
    state.putHolding(MINE, { peer: 'P1', seq: 7 });
    state.putHolding(MINE, { peer: 'Q1', seq: 5 });
  };

  testState(
    'says how far the keys of a log are held elsewhere: as far as the best member has confirmed',
    (state) => {
      assert.equal(state.heldByPeers(MINE), 0);
      cluster(state);
      assert.equal(state.heldByPeers(MINE), 7);
      assert.equal(state.heldByPeers('P1' as IncarnationId), 0);
    },
  );
  testState('goes by the latest word of a member, not by the greatest', (state) => {
    cluster(state);
    state.putHolding(MINE, { peer: 'P1', seq: 2 });
    assert.equal(state.heldByPeers(MINE), 5);
  });
  testState('does not count what a removed or unknown member, an ended or an earlier life holds', (state) => {
    cluster(state);
    kma(state, 'P', { removedStamp: '2' });
    assert.equal(state.heldByPeers(MINE), 5);
    life(state, 'Q1', 'Q', { endedStamp: '3' });
    assert.equal(state.heldByPeers(MINE), 0);
    life(state, 'Q1', 'Q');
    assert.equal(state.heldByPeers(MINE), 5);
    life(state, 'Q2', 'Q', { createdStamp: '2' });
    assert.equal(state.heldByPeers(MINE), 0);
    state.putHolding(MINE, { peer: 'U1', seq: 9 });
    assert.equal(state.heldByPeers(MINE), 0);
  });
  testState('does not count another life of the KMA that made the keys', (state) => {
    cluster(state);
    life(state, 'M2', 'M', { createdStamp: '2' });
    state.putHolding(MINE, { peer: 'M2', seq: 9 });
    assert.equal(state.heldByPeers(MINE), 7);
  });
}
