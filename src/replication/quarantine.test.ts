/** Who misbehaves again is left alone for longer, up to an hour, and a day without a fault is forgiven. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Quarantine } from './quarantine.ts';

test('the time doubles with each fault, up to an hour, and ends by itself', () => {
  let nowMs = 1_000;
  const quarantine = new Quarantine(() => nowMs);
  assert.equal(quarantine.leftMs('a'), 0);
  assert.equal(quarantine.put('a').forMs, 30_000);
  nowMs += 29_999;
  assert.equal(quarantine.leftMs('a'), 1);
  assert.equal(quarantine.leftMs('b'), 0, 'others are not touched');
  nowMs += 1;
  assert.equal(quarantine.leftMs('a'), 0);
  assert.deepEqual(
    [1, 2, 3, 4, 5, 6, 7, 8].map(() => quarantine.put('a').forMs / 1_000),
    [60, 120, 240, 480, 960, 1_920, 3_600, 3_600],
  );
});

test('after a day without another fault the next one is the first', () => {
  let nowMs = 0;
  const quarantine = new Quarantine(() => nowMs);
  quarantine.put('a');
  quarantine.put('a');
  nowMs += 25 * 60 * 60_000;
  assert.equal(quarantine.put('a').forMs, 30_000);
});

test('who comes while he is left alone is turned away, and how often is told with the next fault', () => {
  let nowMs = 0;
  const quarantine = new Quarantine(() => nowMs);
  assert.equal(quarantine.turnsAway('a'), false);
  assert.equal(quarantine.put('a').attempts, 0);
  for (let n = 0; n < 1_000; n++) assert.equal(quarantine.turnsAway('a'), true);
  assert.equal(quarantine.turnsAway('b'), false);
  nowMs += 30_000;
  assert.equal(quarantine.turnsAway('a'), false);
  assert.equal(quarantine.put('a').attempts, 1_000);
  nowMs += 60_000;
  assert.equal(quarantine.put('a').attempts, 0);
});
