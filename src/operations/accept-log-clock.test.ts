/** Records from ahead are accepted by a quorum, for all logs, and never far beyond reason. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSetting } from '../core/settings.ts';
import { acceptLogClock } from './accept-log-clock.ts';
import { needsSoundClock } from './odd-clock.ts';
import { DAY_MS, World } from './world.fixture.ts';

const inDays = (world: World, days: number) => new Date(world.nowMs + days * DAY_MS).toISOString();

test('records up to the time count from then on, and an earlier time takes nothing back', async () => {
  const world = new World();
  const year = inDays(world, 365);
  assert.equal((await world.did(acceptLogClock, { kma: 'kma-1', until: year })).output.acceptedUntil, year);
  assert.equal(readSetting(world.state, 'acceptedLogClockMs'), Date.parse(year));
  const { output, decision } = await world.did(acceptLogClock, { kma: 'kma-1', until: inDays(world, 30) });
  assert.deepEqual([decision?.facts, output.acceptedUntil], [[], year]);
});

test('a KMA that is not there and a time beyond reason are refused', async () => {
  const world = new World();
  const refusal = (kma: string, days: number) =>
    world.refusal(acceptLogClock, { kma, until: inDays(world, days) });
  assert.equal(await refusal('kma-9', 1), 'KMA_DOES_NOT_EXIST');
  assert.equal(await refusal('kma-1', 366 * 51), 'INVALID_PARAMETERS');
});

test('it works where the clock here looks odd against the one that is wrong', () => {
  assert.equal(needsSoundClock(acceptLogClock), false);
});
