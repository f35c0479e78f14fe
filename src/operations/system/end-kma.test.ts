/** What ends a KMA: no facts, a warning in the audit, and what is to become of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { World } from '../world.fixture.ts';
import { rebootKma, resetKma, shutDownKma } from './end-kma.ts';

const accepted = async (...[operation, input]: [typeof resetKma | typeof rebootKma, object]) => {
  const world = new World();
  const { decision } = await world.did(operation as typeof rebootKma, input);
  assert.deepEqual(decision?.facts, []);
  assert.equal(decision?.audit?.severity, 'warning');
  return decision?.effects;
};

test('a reboot and a shutdown are what they are', async () => {
  assert.deepEqual(await accepted(rebootKma, {}), [{ effect: 'end', why: 'reboot' }]);
  assert.deepEqual(await accepted(shutDownKma, {}), [{ effect: 'end', why: 'shut-down' }]);
});

test('a reset names this KMA, and writes over where it is asked to', async () => {
  const kma = new World().self.kmaName;
  assert.deepEqual(await accepted(resetKma, { kma }), [{ effect: 'end', why: 'reset' }]);
  assert.deepEqual(await accepted(resetKma, { kma, zeroise: true }), [{ effect: 'end', why: 'zeroise' }]);
});

test('the name of another KMA resets nothing', async () => {
  assert.equal(await new World().refusal(resetKma, { kma: 'kma-other' }), 'INVALID_PARAMETERS');
  assert.equal(await new World().refusal(resetKma, {}), 'INVALID_PARAMETERS');
});
