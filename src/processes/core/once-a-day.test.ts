/** Once a day for each KMA, also after a start and whichever way the clock was moved, and bounded. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { temporaryStore } from '../../store/store.fixture.ts';
import { OnceADay } from './once-a-day.ts';

const HOUR_MS = 3_600_000;

test('it was done within a day, on either side of now, for this KMA and no other', (t) => {
  const { store } = temporaryStore(t);
  const time = { ms: 100 * HOUR_MS };
  const begun = () => new OnceADay(store, 'row', () => time.ms);
  assert.equal(begun().wasDoneFor('A'), false);
  begun().doneFor('A');
  const after = (hours: number) => {
    time.ms = (100 + hours) * HOUR_MS;
    return [begun().wasDoneFor('A'), begun().wasDoneFor('B')];
  };
  for (const hours of [0, 23, -23]) assert.deepEqual(after(hours), [true, false]);
  for (const hours of [24, -24]) assert.deepEqual(after(hours), [false, false]);
});

test('the oldest of many are forgotten', (t) => {
  const { store } = temporaryStore(t);
  let ms = 0;
  const once = new OnceADay(store, 'row', () => ms);
  for (; ms < 300; ms++) once.doneFor(`kma-${ms}`);
  assert.deepEqual([once.wasDoneFor('kma-43'), once.wasDoneFor('kma-44')], [false, true]);
});

test('a row that an earlier version wrote otherwise, or that is damaged, is as if there were none', (t) => {
  const { store } = temporaryStore(t);
  for (const row of ['["A"]', '{"A":"once"}', '{']) {
    store.transaction(() => store.setLocal('row', row));
    const once = new OnceADay(store, 'row', () => 1_000);
    assert.equal(once.wasDoneFor('A'), false, row);
    once.doneFor('A');
    assert.equal(once.wasDoneFor('A'), true, row);
  }
});

test('where what follows from it cannot be written, it was not done either', (t) => {
  const { store } = temporaryStore(t);
  const once = new OnceADay(store, 'row', () => 1_000);
  const fails = () => {
    throw new Error('power lost');
  };
  assert.throws(() => once.doneFor('A', fails));
  assert.equal(once.wasDoneFor('A'), false);
  once.doneFor('A', () => store.setLocal('follows', '1'));
  assert.deepEqual([once.wasDoneFor('A'), store.getLocal('follows')], [true, '1']);
});
