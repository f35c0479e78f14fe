/** When the time of a KMA may be adjusted by hand, and by how much. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adjustableAtMs, type ClockStanding, judgeAdjustment } from './clock-adjustment.ts';

const HOUR_MS = 3_600_000;
const NOW_MS = 1_000 * HOUR_MS;
const standing = (changes: Partial<ClockStanding> = {}): ClockStanding => ({
  machineMs: NOW_MS,
  offsetMs: 0,
  adjustedAtMs: null,
  lastStampMs: NOW_MS,
  odd: null,
  ...changes,
});
const judged = (byMs: number, changes?: Partial<ClockStanding>) =>
  judgeAdjustment(byMs, standing(changes))?.refused ?? 'may';

test('the first adjustment may be made at once, the next a day after it by the new time', () => {
  assert.equal(adjustableAtMs(standing()), null);
  assert.equal(judged(300_000), 'may');
  const after = (ms: number) => ({
    machineMs: NOW_MS + ms,
    offsetMs: 300_000,
    adjustedAtMs: NOW_MS + 300_000,
  });
  assert.equal(judged(1000, after(24 * HOUR_MS - 1)), 'CLOCK_ADJUSTED_TODAY');
  assert.equal(adjustableAtMs(standing(after(HOUR_MS))), NOW_MS + 300_000 + 24 * HOUR_MS);
  assert.equal(judged(1000, after(24 * HOUR_MS)), 'may');
});

test('a machine whose clock was set back by a year need not wait for a year', () => {
  assert.equal(judged(1000, { adjustedAtMs: NOW_MS + 365 * 24 * HOUR_MS }), 'may');
});

test('all adjustments together stay within half a day, in both directions', () => {
  assert.equal(judged(300_000, { offsetMs: 12 * HOUR_MS - 300_000 }), 'may');
  assert.equal(judged(300_001, { offsetMs: 12 * HOUR_MS - 300_000 }), 'CLOCK_TOO_FAR_OFF');
  const behind = { offsetMs: -12 * HOUR_MS, lastStampMs: 0 };
  assert.equal(judged(-1, behind), 'CLOCK_TOO_FAR_OFF');
  assert.equal(judged(300_000, behind), 'may');
});

test('the time goes back no further than records may be ahead of it', () => {
  assert.equal(judged(-300_000), 'may');
  assert.equal(judged(-300_000, { lastStampMs: NOW_MS + 1 }), 'CLOCK_BEHIND_RECORDS');
  assert.equal(judged(300_000, { lastStampMs: NOW_MS + HOUR_MS }), 'may', 'forwards mends it');
});
