/** What a KMA has served as rows: added up within an hour, but for the number of agents, and gone after a month. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOURS_KEPT } from '../core/kma-performance.ts';
import { temporaryStore } from './store.fixture.ts';

const COUNTS = {
  ...{ agents: 2, createKey: 1, retrieveKey: 2, registerKwk: 3, other: 4, refused: 5, totalMs: 2.5 },
  ...{ busy: 6, management: 7, replication: 8 },
};

test('counts of one hour add up, and a span has its hours, both ends included', (t) => {
  const { store } = temporaryStore(t);
  const table = store.kmaPerformance;
  for (const hour of [9, 10, 12, 13]) table.add({ hour, ...COUNTS });
  table.add({ hour: 12, ...COUNTS, agents: 3 });
  assert.deepEqual(table.hours(10, 12), [
    { hour: 10, ...COUNTS },
    {
      ...{ hour: 12, agents: 3, createKey: 2, retrieveKey: 4, registerKwk: 6, other: 8, refused: 10 },
      ...{ totalMs: 5, busy: 12, management: 14, replication: 16 },
    },
  ]);
});

test('what is older than a month goes', (t) => {
  const { store } = temporaryStore(t);
  const table = store.kmaPerformance;
  const now = 10_000;
  for (const hour of [now - HOURS_KEPT, now - HOURS_KEPT + 1, now]) table.add({ hour, ...COUNTS });
  table.cut(now);
  assert.deepEqual(
    table.hours(0, now).map(({ hour }) => hour),
    [now - HOURS_KEPT + 1, now],
  );
});
