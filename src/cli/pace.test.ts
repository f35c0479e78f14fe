/** What is told of work that goes on: how far it is, how fast, and how long it takes from here, also where an earlier run has done a part of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pace } from './pace.ts';

const MB = 1e6;
const TOTAL = 100 * MB;

/** After counts of megabytes at seconds of a clock that began long before. */
function paceOf(...counts: readonly (readonly [megabytes: number, seconds: number, total?: number])[]): Pace {
  const pace = new Pace();
  for (const [megabytes, seconds, total = TOTAL] of counts)
    pace.note(megabytes * MB, total, 5_000_000 + seconds * 1000);
  return pace;
}
const told = ({ byteRate, howFar }: Pace) => `fetching${byteRate}${howFar}`;

test('rate and time left go by what was counted in between', () => {
  assert.equal(told(paceOf([0, 0], [10, 5])), 'fetching, 2.0 MB/s: 10 %, about 45 s left');
  assert.equal(told(paceOf([0, 0], [10, 5], [60, 10])), 'fetching, 6.0 MB/s: 60 %, about 7 s left');
  assert.equal(told(paceOf([0, 0], [100, 10])), 'fetching, 10.0 MB/s: 100 %, about 0 s left');
});

test('what an earlier run has fetched makes it no faster', () => {
  assert.equal(told(paceOf([80, 0], [81, 1], [82, 2])), 'fetching, 1.0 MB/s: 82 %, about 18 s left');
});

test('at the first count, and while nothing goes on, only the part is told', () => {
  assert.equal(told(paceOf([80, 0])), 'fetching: 80 %');
  assert.equal(told(paceOf([80, 0], [80, 30])), 'fetching: 80 %');
  assert.equal(told(paceOf([80, 0], [81, 0])), 'fetching: 81 %');
});

test('a pause in between is part of the time', () => {
  assert.equal(told(paceOf([80, 0], [82, 1], [84, 41])), 'fetching, 0.1 MB/s: 84 %, about 164 s left');
});

test('where it begins anew, as with another copy, the time before counts no more', () => {
  assert.equal(told(paceOf([0, 0], [90, 900], [1, 901])), 'fetching: 1 %');
  assert.equal(
    told(paceOf([0, 0], [90, 900], [1, 901], [11, 902])),
    'fetching, 10.0 MB/s: 11 %, about 9 s left',
  );
  assert.equal(
    told(paceOf([0, 0], [90, 900], [100, 901, 2 * TOTAL], [102, 902, 2 * TOTAL])),
    'fetching, 2.0 MB/s: 51 %, about 49 s left',
  );
});

test('without a total nothing is said of how far it is', () => {
  const pace = paceOf([1, 0, 0], [2, 1, 0]);
  assert.equal(pace.howFar, '');
});
