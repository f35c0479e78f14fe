/** Keys an hour: counted since the start, over the last minutes where these were busier, and forgotten after an hour. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HandOutRate } from './hand-out-rate.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Not the beginning of a minute. */
const START = 1_000 * HOUR + 17_000;

function take(rate: HandOutRate, keys: number, nowMs: number): void {
  for (let key = 0; key < keys; key += 1) rate.note(nowMs);
}

test('nothing taken is nothing an hour', () => {
  assert.equal(new HandOutRate(START).perHour(START), 0);
});

test('what was taken since the start counts over that time, and over a minute at least', () => {
  const rate = new HandOutRate(START);
  take(rate, 10, START + 1);
  assert.equal(rate.perHour(START + 2), 600);
  assert.equal(rate.perHour(START + 5 * MINUTE), 120);
});

test('a steady rate is told as it is', () => {
  const rate = new HandOutRate(START);
  for (let minute = 0; minute < 180; minute += 1) take(rate, 5, START + minute * MINUTE);
  const told = rate.perHour(START + 180 * MINUTE);
  assert.ok(told >= 290 && told <= 310, String(told));
});

test('what has begun in the last minutes is not thinned out by the quiet hour before', () => {
  const rate = new HandOutRate(START);
  const busy = START + 10 * HOUR;
  for (let minute = 0; minute < 10; minute += 1) take(rate, 100, busy + minute * MINUTE);
  assert.ok(rate.perHour(busy + 10 * MINUTE) >= 5_400);
});

test('the hour counts where the last minutes were quiet, and after it nothing is left', () => {
  const rate = new HandOutRate(START);
  take(rate, 120, START + 2 * HOUR);
  const later = rate.perHour(START + 2 * HOUR + 30 * MINUTE);
  assert.ok(later >= 120 && later <= 123, String(later));
  assert.equal(rate.perHour(START + 3 * HOUR + MINUTE), 0);
});
