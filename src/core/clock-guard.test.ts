/** The clock guard tells odd clocks from ordinary ones. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ACCEPTED_AHEAD_MAX_MS,
  CLOCK_TOLERANCE_MS,
  type ClockReadings,
  isAcceptableStamp,
  judgeClock,
} from './clock-guard.ts';
import { hlc } from './stamp.ts';

const START = 1_800_000_000_000;
const readings = (given: Partial<ClockReadings>): ClockReadings => ({
  wallMs: START + 60_000,
  wallAtStartMs: START,
  bootMs: 160_000,
  bootAtStartMs: 100_000,
  lastHlc: hlc(START + 50_000, 3),
  acceptedHlcMs: 0,
  peersAheadMs: [],
  acceptedAheadMs: 0,
  ...given,
});
const LATER = START + 60_000 + CLOCK_TOLERANCE_MS;

test('finds nothing odd about a clock that runs', () => {
  assert.equal(judgeClock(readings({})), null);
});

test('is content after a long stop: the last stamp is old', () => {
  assert.equal(judgeClock(readings({ lastHlc: hlc(1, 0) })), null);
});

test('is content with five minutes behind the last stamp, and not with more', () => {
  assert.equal(judgeClock(readings({ lastHlc: hlc(LATER, 0) })), null);
  assert.match(judgeClock(readings({ lastHlc: hlc(LATER + 1, 0) })) ?? '', /behind the last record/);
});

test('finds a jump against the boot clock odd, forwards and backwards', () => {
  for (const jumpMs of [CLOCK_TOLERANCE_MS, -CLOCK_TOLERANCE_MS])
    assert.equal(judgeClock(readings({ wallMs: START + 60_000 + jumpMs, lastHlc: hlc(1, 0) })), null);
  for (const jumpMs of [CLOCK_TOLERANCE_MS + 1, -CLOCK_TOLERANCE_MS - 1])
    assert.match(
      judgeClock(readings({ wallMs: START + 60_000 + jumpMs, lastHlc: hlc(1, 0) })) ?? '',
      /jumped/,
    );
});

test('time asleep is no jump: the boot clock counts it', () => {
  const asleepMs = 8 * 3_600_000;
  assert.equal(judgeClock(readings({ wallMs: START + asleepMs, bootMs: 100_000 + asleepMs })), null);
});

test('is content with the time a quorum has accepted, and not when stamps run on from it', () => {
  const day = 86_400_000;
  const accepted = { lastHlc: hlc(START + day, 9), acceptedHlcMs: START + day };
  assert.equal(judgeClock(readings(accepted)), null);
  assert.notEqual(judgeClock(readings({ ...accepted, lastHlc: hlc(START + 2 * day, 0) })), null);
});

test('says how much in words for people', () => {
  assert.match(judgeClock(readings({ wallMs: START + 60_000 - 3_600_000 })) ?? '', /-60 min/);
  assert.match(judgeClock(readings({ lastHlc: hlc(LATER + 86_400_000, 0) })) ?? '', /1445 min behind/);
});

test('a clock is odd where most of the others say so, by more than five minutes', () => {
  const far = 10 * 60_000;
  const judge = (...peersAheadMs: number[]) => judgeClock(readings({ peersAheadMs }));
  assert.equal(judge(), null);
  assert.equal(judge(CLOCK_TOLERANCE_MS, CLOCK_TOLERANCE_MS), null);
  assert.match(judge(far) ?? '', /^the clock is 10 min behind those of the other KMAs$/);
  assert.match(judge(-far, -far, 0) ?? '', /^the clock is 10 min ahead of those of the other KMAs$/);
  assert.equal(judge(far, 0), null, 'one of two');
  assert.equal(judge(far, -far), null, 'who are odd on both sides');
  assert.equal(judge(0, 365 * 86_400_000, 0), null, 'one that is a year ahead moves nobody');
});

test('a difference that was accepted is not odd again, and neither is none', () => {
  const hour = 3_600_000;
  const judge = (aheadMs: number) => judgeClock(readings({ peersAheadMs: [aheadMs], acceptedAheadMs: hour }));
  assert.deepEqual([judge(hour), judge(hour + 60_000), judge(0)], [null, null, null]);
  assert.notEqual(judge(2 * hour), null);
  assert.notEqual(judge(-hour), null);
});

test('of stamps those two minutes ahead are taken, and what was accepted with what creeps on from it', () => {
  const now = START;
  assert.equal(isAcceptableStamp(now + 120_000, now, 0), true);
  assert.equal(isAcceptableStamp(now + 120_001, now, 0), false);
  const year = now + 365 * 86_400_000;
  assert.equal(isAcceptableStamp(year + CLOCK_TOLERANCE_MS, now, year), true);
  assert.equal(isAcceptableStamp(year + CLOCK_TOLERANCE_MS + 1, now, year), false);
});

test('what a member has written as accepted counts for fifty years ahead, and for no more', () => {
  const last = START + ACCEPTED_AHEAD_MAX_MS + CLOCK_TOLERANCE_MS;
  for (const accepted of [last, 2 ** 43, Number.MAX_SAFE_INTEGER]) {
    assert.equal(isAcceptableStamp(last, START, accepted), true);
    assert.equal(isAcceptableStamp(last + 1, START, accepted), false);
  }
});
