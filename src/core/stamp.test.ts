/** The hybrid logical clock only ever goes forward, and stamps sort as it does. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LIFE, OTHER_LIFE } from './folding.fixture.ts';
import { HLC_ZERO, hlc, hlcMs, nextHlc, stampOf } from './stamp.ts';

const ms = fc.integer({ min: 0, max: 2 ** 48 - 2 });
const counter = fc.integer({ min: 0, max: 0xffff });

test('the next reading is later than the last as text, whatever the wall clock says', () => {
  fc.assert(
    fc.property(ms, counter, ms, (lastMs, count, nowMs) => {
      const last = hlc(lastMs, count);
      const next = nextHlc(last, nowMs);
      assert.ok(next > last);
      assert.equal(next.length, 16);
    }),
  );
});

test('the next reading is never behind the wall clock, and at most a millisecond ahead of both', () => {
  fc.assert(
    fc.property(ms, counter, ms, (lastMs, count, nowMs) => {
      const next = hlcMs(nextHlc(hlc(lastMs, count), nowMs));
      assert.ok(next >= nowMs && next <= Math.max(nowMs, lastMs) + 1);
    }),
  );
});

test('a full counter borrows a millisecond instead of wrapping', () => {
  assert.equal(nextHlc(hlc(9, 0xffff), 3), hlc(10, 0));
  assert.equal(nextHlc(hlc(9, 0xfffe), 3), hlc(9, 0xffff));
});

test('stamps sort by time, then counter, then life', () => {
  fc.assert(
    fc.property(ms, counter, ms, counter, (aMs, aCount, bMs, bCount) => {
      const order = Math.sign(aMs - bMs) || Math.sign(aCount - bCount);
      const [a, b] = [stampOf(hlc(aMs, aCount), LIFE), stampOf(hlc(bMs, bCount), LIFE)];
      assert.equal(a === b ? 0 : a < b ? -1 : 1, order);
    }),
  );
  assert.ok(stampOf(HLC_ZERO, LIFE) < stampOf(HLC_ZERO, OTHER_LIFE));
});

test('gives the milliseconds back that it was made of', () => {
  fc.assert(fc.property(ms, counter, (time, count) => assert.equal(hlcMs(hlc(time, count)), time)));
  assert.equal(hlcMs(HLC_ZERO), 0);
});
