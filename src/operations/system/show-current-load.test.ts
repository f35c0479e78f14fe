/** The current load: counts of a minute as numbers a second. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { World } from '../world.fixture.ts';
import { showCurrentLoad } from './show-current-load.ts';

test('counts become numbers a second, by kind and together', async () => {
  const recentLoad = () => ({
    seconds: 60,
    calls: new Map([
      ['createKey', 30],
      ['management', 6],
    ] as const),
    refused: 3,
    failed: 0,
    totalMs: 18,
    agents: 4,
    managers: 1,
  });
  const { output } = await new World().did(showCurrentLoad, {}, { recentLoad });
  assert.deepEqual(
    [output.createKeyPerSecond, output.managementPerSecond, output.retrieveKeyPerSecond],
    [0.5, 0.1, 0],
  );
  assert.deepEqual(
    [output.operationsPerSecond, output.refusedPerSecond, output.meanMs, output.agents],
    [0.6, 0.05, 0.5, 4],
  );
});

test('a KMA that nobody calls has no load', async () => {
  const { output } = await new World().did(showCurrentLoad, {});
  assert.deepEqual([output.operationsPerSecond, output.meanMs], [0, 0]);
});
