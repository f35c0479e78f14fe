/** Of a KMA that does not answer nothing is shown as if it were known. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { knownValue } from './known-value.ts';

test('a KMA that does not answer is said to be neither locked nor without keys', () => {
  const silent = { kma: 'kma-2', responding: false, locked: false, poolReadyPercent: 0, replicationLag: 0 };
  assert.deepEqual(
    Object.keys(silent).map((name) => knownValue(silent, name)),
    ['kma-2', false, null, null, null],
  );
  assert.equal(knownValue({ ...silent, responding: true, locked: true }, 'locked'), true);
  assert.equal(knownValue({ locked: true }, 'locked'), true, 'of what says nothing of answering');
});
