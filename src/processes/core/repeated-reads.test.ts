/** One record a minute for each caller and operation, and how many went without. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RepeatedReads } from './repeated-reads.ts';

test('the first is recorded, those of the same minute are counted, the next tells how many', () => {
  const reads = new RepeatedReads();
  const asked = [0, 15_000, 59_999, 60_000, 61_000, 500_000].map((ms) => reads.note('olga', 'X', ms));
  assert.deepEqual(asked, [0, null, null, 2, null, 1]);
});

test('callers and operations are counted apart', () => {
  const reads = new RepeatedReads();
  assert.equal(reads.note('olga', 'X', 0), 0);
  assert.equal(reads.note('pit', 'X', 1), 0);
  assert.equal(reads.note('olga', 'Y', 2), 0);
  assert.equal(reads.note('olga', 'X', 3), null);
});

test('a clock that was set back leaves nothing out', () => {
  const reads = new RepeatedReads();
  reads.note('olga', 'X', 100_000);
  assert.equal(reads.note('olga', 'X', 50_000), 0);
});
