/** The performance list of KMAs: this one by its own counts, others by what they told; an hour that nobody told of is in no row. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, removed } from '../../core/facts.ts';
import type { KmaId } from '../../core/ids.ts';
import { hourFact, type KmaHour } from '../../core/kma-performance.ts';
import { World } from '../world.fixture.ts';
import { listKmaPerformance } from './list-kma-performance.ts';

const HOUR_MS = 3_600_000;
const NOW = 1000;
const OTHER = 'E'.repeat(32) as KmaId;
const COUNTS = {
  ...{ agents: 2, createKey: 3, retrieveKey: 1, registerKwk: 0, other: 0, refused: 1, totalMs: 6 },
  ...{ busy: 2, management: 7, replication: 4 },
};
const at = (hour: number): KmaHour => ({ ...COUNTS, hour });

/** This KMA has counted three hours, the running one among them; another has told of two, and was away since. */
function setting() {
  const world = new World();
  world.commit([
    created('kma', world.self.kmaId, { name: 'kma-1', createdAt: 0, number: 1 }),
    created('kma', OTHER, { name: 'kma-2', createdAt: 0, number: 2 }),
    ...[NOW - 30, NOW - 3].map((hour) => hourFact(OTHER, at(hour), (hour + 1) * HOUR_MS)),
    hourFact(world.self.kmaId, at(NOW - 2), (NOW - 1) * HOUR_MS),
  ]);
  world.nowMs = NOW * HOUR_MS + 60_000;
  const kmaPerformance = (first: number, last: number) =>
    [NOW - 2, NOW - 1, NOW].filter((hour) => hour >= first && hour <= last).map(at);
  const list = async (input: object) =>
    (await world.did(listKmaPerformance, input, { kmaPerformance })).output.rows;
  return { world, list };
}
const hourText = (hour: number) => new Date(hour * HOUR_MS).toISOString();

test('each hour of each KMA is a row, newest first, with what it served and up to when that is known', async () => {
  const { list } = setting();
  const rows = await list({});
  assert.deepEqual(
    rows.map(({ kma, beganAt }) => [kma, beganAt]),
    [
      ['kma-1', hourText(NOW)],
      ['kma-1', hourText(NOW - 1)],
      ['kma-1', hourText(NOW - 2)],
      ['kma-2', hourText(NOW - 3)],
    ],
  );
  const shown = {
    ...{ hours: 1, agents: 2, agentRequests: 4, createKey: 3, retrieveKey: 1, registerKwk: 0, other: 0 },
    ...{ refused: 1, meanMs: 1.5, serverBusy: 2, managementRequests: 7, replicationRequests: 4 },
  };
  assert.deepEqual(rows[0], {
    ...{ kma: 'kma-1', beganAt: hourText(NOW), countedUntil: new Date(NOW * HOUR_MS + 60_000).toISOString() },
    ...shown,
  });
  assert.deepEqual(rows[3], {
    ...{ kma: 'kma-2', beganAt: hourText(NOW - 3), countedUntil: hourText(NOW - 2) },
    ...shown,
  });
});

test('rows are those of one KMA, or one for each KMA or day, where that is asked for', async () => {
  const { list } = setting();
  const ofOther = await list({ span: 'week', filter: ['kma=kma-2'] });
  assert.deepEqual(
    ofOther.map(({ beganAt }) => beganAt),
    [hourText(NOW - 3), hourText(NOW - 30)],
  );
  const summed = await list({ span: 'week', per: 'kma', sort: 'kma' });
  assert.deepEqual(
    summed.map(({ kma, hours, agents, agentRequests, meanMs, countedUntil }) => [
      ...[kma, hours, agents, agentRequests, meanMs],
      countedUntil,
    ]),
    [
      ['kma-1', 3, 2, 12, 1.5, new Date(NOW * HOUR_MS + 60_000).toISOString()],
      ['kma-2', 2, 2, 8, 1.5, hourText(NOW - 2)],
    ],
  );
  const days = await list({ span: 'week', per: 'day', sort: 'beganAt' });
  assert.deepEqual(
    days.map(({ kma, beganAt, hours }) => [kma, beganAt, hours]),
    [
      ['kma-2', hourText(960), 1],
      ['kma-1', hourText(984), 3],
      ['kma-2', hourText(984), 1],
    ],
  );
});

test('a KMA of which nothing is known in that time is left out, and one that was removed has its past', async () => {
  const { world, list } = setting();
  assert.deepEqual(
    (await list({ span: 'hour', per: 'kma' })).map(({ kma }) => kma),
    ['kma-1'],
  );
  world.commit([removed('kma', OTHER)]);
  assert.deepEqual(
    (await list({ per: 'kma', sort: 'kma' })).map(({ kma }) => kma),
    ['kma-1', `kma-2~${OTHER.slice(-4)}`],
  );
});

test('this KMA is known from its first minute on, and of times before nothing is made up', async () => {
  const { world } = setting();
  const list = async (input: object) => (await world.did(listKmaPerformance, input)).output.rows;
  const [running, ...before] = await list({ filter: ['kma=kma-1'] });
  assert.deepEqual([running?.beganAt, running?.agentRequests, running?.meanMs], [hourText(NOW), 0, 0]);
  assert.deepEqual(
    before.map(({ beganAt }) => beganAt),
    [hourText(NOW - 2)],
  );
  assert.deepEqual(await list({ since: hourText(NOW - 9), until: hourText(NOW - 8) }), []);
});

test('other spans and sums are refused', async () => {
  const { world } = setting();
  for (const input of [{ span: 'year' }, { per: 'week' }])
    assert.equal(await world.refusal(listKmaPerformance, input), 'INVALID_PARAMETERS');
});
