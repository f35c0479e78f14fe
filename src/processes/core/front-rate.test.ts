/** The buckets of one front, by a clock that the test moves. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FRONT_RATES, FrontRate } from './front-rate.ts';

const RATES = { messagesPerSecond: 10, bytesPerSecond: 1000 };

/** How many messages of these bytes pass at one moment. */
function passing(rate: FrontRate, bytes: number, nowMs: number): number {
  let passed = 0;
  while (passed < 1000 && rate.take(bytes, nowMs)) passed += 1;
  return passed;
}

test('two seconds of messages pass at once, then as many as the rate allows', () => {
  const rate = new FrontRate(0, RATES);
  assert.equal(passing(rate, 1, 0), 20);
  assert.equal(passing(rate, 1, 99), 0);
  assert.equal(passing(rate, 1, 100), 1);
  assert.equal(passing(rate, 1, 1100), 10);
  assert.equal(passing(rate, 1, 1_000_000), 20, 'a quiet hour saves up no more than the burst');
});

test('few long messages are bounded by their bytes, and a refused one takes nothing', () => {
  const rate = new FrontRate(0, RATES);
  assert.equal(passing(rate, 900, 0), 2);
  assert.equal(rate.take(201, 0), false);
  assert.equal(rate.take(200, 0), true);
  assert.equal(rate.take(1, 0), false);
  assert.equal(rate.take(100, 100), true);
});

test('a clock that is set back gives nothing and takes nothing', () => {
  const rate = new FrontRate(1000, RATES);
  assert.equal(passing(rate, 1, 1000), 20);
  assert.equal(passing(rate, 1, 0), 0);
  assert.equal(passing(rate, 1, 100), 1);
});

test('no front reaches its rate by serving: five times what one processor was measured to serve', () => {
  assert.ok(FRONT_RATES.messagesPerSecond >= 5 * 10_000);
  assert.ok(FRONT_RATES.bytesPerSecond / FRONT_RATES.messagesPerSecond >= 1024);
});
