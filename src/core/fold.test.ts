/** The fold gives the same rows in whatever order entries arrive (D2). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { anyFact } from './any-fact.fixture.ts';
import { columnStamp } from './column-stamps.ts';
import { created, event, type Fact, type LogEntry, removed, set } from './facts.ts';
import { foldEntry, foldFact } from './fold.ts';
import { FoldingWorld, LIFE, OTHER_LIFE } from './folding.fixture.ts';
import type { IncarnationId } from './ids.ts';
import { isLive } from './live.ts';
import { MapState } from './map-state.ts';
import { hlc, stampOf } from './stamp.ts';
import { type AnyRow, TABLE_NAMES, type TableName } from './tables.ts';

const THIRD_LIFE = 'C3C3C3C3C3C3C3C3' as IncarnationId;

/** Entries with stamps of three lives, all different: an incarnation never stamps twice alike. */
const entries = fc
  .uniqueArray(
    fc.record({
      ms: fc.integer({ min: 0, max: 20 }),
      counter: fc.integer({ min: 0, max: 2 }),
      life: fc.constantFrom(LIFE, OTHER_LIFE, THIRD_LIFE),
      facts: fc.array(anyFact(TABLE_NAMES), { minLength: 1, maxLength: 4 }),
    }),
    { minLength: 1, maxLength: 14, selector: ({ ms, counter, life }) => `${ms} ${counter} ${life}` },
  )
  .map((drafts): LogEntry[] =>
    drafts.map(({ ms, counter, life, facts }) => ({
      v: 1,
      stamp: stampOf(hlc(ms, counter), life),
      operation: 'Any',
      facts,
    })),
  );

function allRows(folded: readonly LogEntry[], state = new MapState()): Record<string, readonly AnyRow[]> {
  for (const entry of folded) foldEntry(state, entry);
  return Object.fromEntries(TABLE_NAMES.map((table) => [table, state.page(table, '', 100)]));
}

test('any order of arrival gives the same rows', () => {
  const ordered = entries.chain((list) =>
    fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
  );
  fc.assert(
    fc.property(ordered, ([list, shuffled]) => assert.deepEqual(allRows(shuffled), allRows(list))),
    { numRuns: 300 },
  );
});

test('entries that arrive again change nothing', () => {
  const repeated = entries.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list)));
  fc.assert(
    fc.property(repeated, ([list, again]) => assert.deepEqual(allRows([...list, ...again]), allRows(list))),
    { numRuns: 150 },
  );
});

test('a base and the entries after it give the rows of all entries', () => {
  const cut = entries.chain((list) => fc.tuple(fc.constant(list), fc.nat({ max: list.length })));
  fc.assert(
    fc.property(cut, ([list, at]) => {
      const base = new MapState();
      for (const entry of list.slice(0, at)) foldEntry(base, entry);
      const copy = new MapState();
      for (const table of TABLE_NAMES) for (const row of base.page(table, '', 100)) copy.putRow(table, row);
      assert.deepEqual(allRows(list.slice(at), copy), allRows(list));
    }),
    { numRuns: 150 },
  );
});

test('the later stamp wins a column, each column by itself', () => {
  const { state } = foldingTwice(
    [hlc(5, 0), set('site', 'S', { description: 'late' })],
    [hlc(4, 0), set('site', 'S', { description: 'early' })],
  );
  assert.equal(state.get('site', 'S')?.description, 'late');
});

test('the earlier stamp wins an event, with all its columns', () => {
  const { state } = foldingTwice(
    [hlc(5, 0), created('site', 'S', { name: 'late', createdAt: 5 })],
    [hlc(4, 0), created('site', 'S', { name: 'early', createdAt: 4 })],
  );
  assert.deepEqual([state.get('site', 'S')?.name, state.get('site', 'S')?.createdAt], ['early', 4]);
});

test('of one clock reading in two lives the life decides, alike on both sides', () => {
  const facts = [
    set('site', 'S', { description: 'first' }),
    set('site', 'S', { description: 'second' }),
  ] as const;
  const one = new FoldingWorld();
  one.foldAt(hlc(5, 0), LIFE, facts[0]);
  one.foldAt(hlc(5, 0), OTHER_LIFE, facts[1]);
  const two = new FoldingWorld();
  two.foldAt(hlc(5, 0), OTHER_LIFE, facts[1]);
  two.foldAt(hlc(5, 0), LIFE, facts[0]);
  assert.deepEqual(one.state.get('site', 'S'), two.state.get('site', 'S'));
});

test('a removed entity stays removed, whatever is set later', () => {
  const world = new FoldingWorld();
  world.fold(created('site', 'S', { name: 'a', createdAt: 1 }));
  world.fold(removed('site', 'S'));
  world.fold(set('site', 'S', { description: 'b' }), created('site', 'S', { name: 'c', createdAt: 9 }));
  assert.equal(isLive(world.state.get('site', 'S')), false);
});

test('remembers with which stamp each column was written', () => {
  const world = new FoldingWorld();
  const first = world.fold(set('user', 'U', { enabled: 1, description: 'x' }));
  const second = world.fold(set('user', 'U', { enabled: 0 }));
  const row = world.state.get('user', 'U');
  assert.ok(row);
  assert.equal(columnStamp(row, 'enabled'), second);
  assert.equal(columnStamp(row, 'description'), first);
  assert.equal(columnStamp(row, 'proofDisabled'), null);
});

test('a fact with a column or event that the table does not have is a broken invariant', () => {
  const state = new MapState();
  const stamp = stampOf(hlc(1, 0), LIFE);
  assert.throws(
    () => foldFact(state, { table: 'site', id: 'S', event: 'destroyed', cells: {} }, stamp),
    /no event/,
  );
  assert.throws(
    () => foldFact(state, { table: 'site', id: 'S', set: { name: 'x' } }, stamp),
    /cannot be set/,
  );
  assert.throws(
    () => foldFact(state, { table: 'site', id: 'S', set: { nothing: 'x' } }, stamp),
    /cannot be set/,
  );
});

test('a fact about a table that does not exist, or has the name of a property of all objects, is a broken invariant', () => {
  const state = new MapState();
  for (const table of ['no_table', '__proto__', 'constructor', 'toString'] as unknown as TableName[])
    assert.throws(
      () => foldFact(state, { table, id: 'X', set: {} }, stampOf(hlc(1, 0), LIFE)),
      /there is no table/,
      table,
    );
});

test('a column of an event that the fact leaves out is empty', () => {
  const state = new MapState();
  foldFact(state, { table: 'site', id: 'S', event: 'created', cells: {} }, stampOf(hlc(1, 0), LIFE));
  assert.equal(state.get('site', 'S')?.name, null);
});

test('facts are named by their makers as the fold reads them', () => {
  assert.deepEqual(event('backup', 'B', 'downloaded', { downloadedAt: 7 }), {
    table: 'backup',
    id: 'B',
    event: 'downloaded',
    cells: { downloadedAt: 7 },
  });
});

function foldingTwice(...dated: readonly (readonly [ReturnType<typeof hlc>, Fact])[]): FoldingWorld {
  const world = new FoldingWorld();
  for (const [clock, one] of dated) world.foldAt(clock, LIFE, one);
  return world;
}
