/** Of hours that nobody has told of nothing is drawn, and not as if nobody had called. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { knownUntil, linesOf } from './performance-lines.ts';

const HOUR_S = 3_600;
const row = (kma: string, hour: number, calls: number) => ({
  kma,
  calls,
  beganAt: new Date(hour * HOUR_S * 1000).toISOString(),
  countedUntil: new Date((hour + 1) * HOUR_S * 1000).toISOString(),
});
const ROWS = [row('b', 5, 7), row('a', 5, 0), row('a', 6, 2), row('b', 8, 9)];
const ofKma = (kma: string) => (one: (typeof ROWS)[number]) => (one.kma === kma ? one.calls : null);

test('each KMA is a line with a gap where nothing is known of it', () => {
  assert.deepEqual(linesOf(ROWS, ['a', 'b'].map(ofKma), HOUR_S), [
    [4, 5, 6, 7, 8, 9].map((hour) => hour * HOUR_S),
    [null, 0, 2, null, null, null],
    [null, 7, null, null, 9, null],
  ]);
});

test('it is told up to when each KMA is known', () => {
  assert.deepEqual(
    [...knownUntil(ROWS)],
    [
      ['a', 7 * HOUR_S],
      ['b', 9 * HOUR_S],
    ],
  );
});
