/** Counts of agents' requests as rows: added up by agent and hour, summed over hours, and cut by age and number. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { temporaryStore } from './store.fixture.ts';

const COUNTS = { createKey: 1, retrieveKey: 2, registerKwk: 3, other: 4, refused: 1, totalMs: 2.5 };
const MONTH_HOURS = 31 * 24;

test('counts of one agent and hour add up, and a span sums its hours, both ends included', (t) => {
  const { store } = temporaryStore(t);
  const table = store.agentPerformance;
  for (const hour of [10, 10, 11, 12]) table.add(hour, { agentId: 'B', ...COUNTS });
  table.add(11, { agentId: 'A', ...COUNTS });
  assert.deepEqual(table.sums(10, 11), [
    { agentId: 'A', ...COUNTS },
    { agentId: 'B', createKey: 3, retrieveKey: 6, registerKwk: 9, other: 12, refused: 3, totalMs: 7.5 },
  ]);
  assert.deepEqual(table.sums(13, 20), []);
});

test('the agents of an hour are counted', (t) => {
  const { store } = temporaryStore(t);
  const table = store.agentPerformance;
  for (const [hour, agentId] of [
    [11, 'A'],
    [12, 'A'],
    [12, 'B'],
    [12, 'B'],
  ] as const)
    table.add(hour, { agentId, ...COUNTS });
  assert.deepEqual([table.agentsIn(11), table.agentsIn(12), table.agentsIn(13)], [1, 2, 0]);
});

test('what is older than a month goes, and of too many rows whole hours, the oldest first', (t) => {
  const { store } = temporaryStore(t);
  const table = store.agentPerformance;
  const now = 10_000;
  for (const hour of [now - MONTH_HOURS, now - MONTH_HOURS + 1, now - 1, now])
    for (const agentId of ['A', 'B']) table.add(hour, { agentId, ...COUNTS });
  const hours = () =>
    store.database
      .prepare('SELECT DISTINCT hour FROM agent_performance ORDER BY hour')
      .all()
      .map(({ hour }) => Number(hour));
  table.cut(now);
  assert.deepEqual(hours(), [now - MONTH_HOURS + 1, now - 1, now]);
  table.cut(now, 4);
  assert.deepEqual(hours(), [now - 1, now]);
  table.cut(now, 3);
  assert.deepEqual(hours(), [now]);
});
