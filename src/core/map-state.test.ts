/** MapState keeps the contract of the state, and two things of its own: copies, and changes that are taken back. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MapState } from './map-state.ts';
import { rowWith, testStateContract } from './state.contract.ts';

testStateContract('MapState', () => new MapState());

test('indexes that were asked for before the rows came give the same as those asked for after', () => {
  const [early, late] = [new MapState(), new MapState()];
  const ask = (state: MapState) => state.scan('user_role', 'user', { equals: ['U'], limit: 99 });
  ask(early);
  for (const id of ['C', 'A', 'D', 'B', 'A', 'C'])
    for (const state of [early, late])
      state.putRow('user_role', rowWith('user_role', id, { userId: 'U', present: id < 'C' ? 1 : null }));
  assert.deepEqual(ask(early), ask(late));
  assert.deepEqual(
    ask(early).map(({ id }) => id),
    ['C', 'D', 'A', 'B'],
  );
});

test('a copy has the rows of its moment and goes its own way', () => {
  const state = new MapState();
  state.putRow('site', rowWith('site', 'S1', { name: 'a' }));
  const copy = state.copy();
  copy.putRow('site', rowWith('site', 'S2'));
  state.putRow('site', rowWith('site', 'S1', { name: 'b' }));
  assert.deepEqual(
    copy.page('site', '', 9).map(({ id, name }) => [id, name]),
    [
      ['S1', 'a'],
      ['S2', null],
    ],
  );
  assert.equal(state.page('site', '', 9).length, 1);
});

test('a row that is taken back is as it was, in every index', () => {
  const state = new MapState();
  const first = rowWith('site', 'S1', { name: 'a' });
  state.putRow('site', first);
  const named = (name: string) => state.count('site', 'name', { equals: [name] });
  assert.equal(named('b'), 0);
  state.putRow('site', rowWith('site', 'S1', { name: 'b' }));
  state.putRow('site', rowWith('site', 'S2', { name: 'b' }));
  assert.equal(named('b'), 2);
  state.restoreRow('site', 'S2', undefined);
  state.restoreRow('site', 'S1', first);
  assert.deepEqual([named('a'), named('b')], [1, 0]);
  assert.deepEqual(state.page('site', '', 9), [first]);
  assert.equal(state.get('site', 'S2'), undefined);
});

test('a copy knows how long logs were', () => {
  const state = new MapState();
  state.putLogLength('L', 3);
  const copy = state.copy();
  state.putLogLength('L', 4);
  assert.deepEqual(
    [state, copy].map((each) => [each.logLength('L'), each.logLength('M')]),
    [
      [4, 0],
      [3, 0],
    ],
  );
});
