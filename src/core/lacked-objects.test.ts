/** That a life has not an object counts for a while, and only where it knew who is a member when it said so. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LACKED_MS, LackedObjects } from './lacked-objects.ts';

const [LOG, OTHER] = ['A1', 'B2'];
const said = (length: number, objectId = 'OBJECT') => ({ objectId, asked: { [LOG]: length, [OTHER]: 1 } });

test('what was said of an object counts for a while, of this object and over this connection alone', () => {
  const lacked = new LackedObjects({}, 0);
  const counts = (atMs: number, objectId = 'OBJECT') => lacked.counts('LIFE', objectId, atMs);
  assert.equal(counts(10_000), false);
  lacked.said('LIFE', said(1), 10_000);
  assert.deepEqual([counts(10_000 + LACKED_MS), counts(10_001 + LACKED_MS)], [true, false]);
  assert.equal(lacked.counts('LIFE', 'OBJECT', 70_000, 60_000), true);
  assert.equal(counts(10_000, 'ANOTHER'), false);
  lacked.said('LIFE', said(1, 'ANOTHER'), 11_000);
  assert.equal(counts(11_000), false);
  lacked.said('LIFE', said(1), 12_000);
  lacked.gone('LIFE');
  assert.equal(counts(12_000), false);
  lacked.said('LIFE', said(1), 12_000);
  lacked.allGone();
  assert.equal(counts(12_000), false);
});

test('whoever had not heard of a removal when he answered, or was sent something just before, is asked once more', () => {
  const lacked = new LackedObjects({}, 0);
  const counts = (atMs: number) => lacked.counts('LIFE', 'OBJECT', atMs);
  lacked.said('LIFE', said(4), 20_000);
  assert.equal(counts(20_000), true);
  lacked.membersChanged({ [LOG]: 5 }, 20_000);
  assert.equal(counts(20_000), false);
  lacked.said('LIFE', said(4), 26_000);
  assert.equal(counts(26_000), false, 'the question was on its way already');
  lacked.said('LIFE', said(5), 24_999);
  assert.equal(counts(26_000), false);
  lacked.said('LIFE', said(5), 25_000);
  assert.equal(counts(26_000), true);
  lacked.membersChanged({ C3: 1 }, 26_000);
  lacked.said('LIFE', said(9), 40_000);
  assert.equal(counts(40_000), false, 'nothing was known there of a log that tells it');
});
