/** That a life has not an object counts for a while, and only where it knew who is a member when it said so, and where all that it had folded then is known here. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LACKED_MS, LackedObjects } from './lacked-objects.ts';

const [LOG, OTHER] = ['A1', 'B2'];
const folded = (length: number) => ({ [LOG]: length, [OTHER]: 1 });

/** Answers twice, five seconds apart. */
function answering(members = folded(1)) {
  const lacked = new LackedObjects(members);
  const counts = (atMs: number, objectId = 'OBJECT', own = folded(9)) =>
    lacked.counts('LIFE', objectId, own, atMs);
  const told = (length: number, atMs: number) => lacked.told('LIFE', folded(length), atMs);
  const said = (atMs: number, length = 9, lacks = ['OBJECT'], has: string[] = []) =>
    lacked.said('LIFE', { lacks, has, asked: folded(length) }, atMs);
  return { lacked, counts, told, said };
}

test('what was said of an object counts for a while, of this object and while it is connected alone', () => {
  const { lacked, counts, told, said } = answering();
  assert.equal(counts(10_000), false);
  told(9, 1_000);
  said(5_000);
  said(10_000);
  assert.deepEqual([counts(10_000 + LACKED_MS), counts(10_001 + LACKED_MS)], [true, false]);
  assert.equal(lacked.counts('LIFE', 'OBJECT', folded(9), 70_000, 60_000), true);
  assert.equal(counts(10_000, 'ANOTHER'), false);
  said(10_000, 9, ['ANOTHER', 'THIRD']);
  said(15_000, 9, ['ANOTHER', 'THIRD']);
  for (const id of ['OBJECT', 'ANOTHER', 'THIRD']) assert.equal(counts(15_000, id), true, id);
  said(15_001, 9, [], ['THIRD']);
  assert.deepEqual([counts(15_001, 'THIRD'), counts(15_001)], [false, true]);
  for (const end of [() => lacked.gone('LIFE'), () => lacked.allGone()]) {
    end();
    said(20_000);
    said(25_000);
    assert.equal(counts(25_000), false, 'nothing was told over this connection');
    told(9, 25_000);
    said(30_000);
    said(35_000);
    assert.equal(counts(35_000), true);
  }
});

test('who was sent something just before he heard of a removal is asked once more, and who has not heard of it until he has', () => {
  const { lacked, counts, told, said } = answering(folded(4));
  told(4, 0);
  said(15_000, 4);
  said(20_000, 4);
  assert.equal(counts(20_000), true);
  lacked.membersChanged(folded(5), 20_000);
  said(26_000, 5);
  said(31_000, 5);
  assert.equal(
    counts(31_000),
    false,
    'he takes that log no further, and is connected with whom he takes for a member',
  );
  told(5, 32_000);
  assert.equal(counts(32_000), false);
  said(33_000, 5);
  said(37_999, 5);
  assert.equal(counts(38_000), false);
  said(38_000, 5);
  assert.equal(counts(38_000), true);
  lacked.membersChanged(folded(5), 39_000);
  assert.equal(counts(39_000), false, 'he knows that already, and may have been sent something');
  told(4, 39_500);
  said(40_000, 4);
  told(5, 40_001);
  said(46_000, 4);
  said(51_000, 4);
  assert.equal(counts(51_000), false, 'the question was asked before this was known');
  lacked.membersChanged({ C3: 1 }, 52_000);
  said(60_000);
  said(70_000);
  assert.equal(counts(70_000), false, 'nothing was known there of a log that tells it');
});

test('who has replaced the object has it not either, and that counts only once it is known here that he has', () => {
  const { counts, told, said } = answering();
  told(1, 0);
  said(5_000, 1);
  told(7, 5_100);
  said(10_000, 1);
  const counting = () => [6, 7].map((own) => counts(11_000, 'OBJECT', folded(own)));
  assert.deepEqual(counting(), [false, true]);
  told(8, 10_500);
  said(11_000, 1);
  assert.deepEqual(counting(), [false, true], 'who writes on all the time would else count at no time');
});

test('one answer alone does not count: what was folded when it was given may be on its way here', () => {
  const { counts, told, said } = answering();
  told(9, 0);
  said(50_000);
  assert.equal(counts(50_000), false);
});

test('of very many objects those count that it was asked for last', () => {
  const { counts, told, said } = answering();
  told(9, 0);
  const ids = Array.from({ length: 70 }, (_, n) => `O${n}`);
  said(10_000, 9, ids);
  said(15_000, 9, ids);
  assert.deepEqual([counts(15_000, 'O0'), counts(15_000, 'O69')], [false, true]);
});
