/** Hours of KMAs as rows and as sums: what this KMA counts itself goes before what it told, and what another one tells of itself harms no list. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Fact } from './facts.ts';
import { FoldingWorld } from './folding.fixture.ts';
import type { KmaId } from './ids.ts';
import { HOURS_KEPT, hourFact, isTold, type KmaHour, knownHours, slotOf, summed } from './kma-performance.ts';

const HOUR_MS = 3_600_000;
const [A, B] = ['A'.repeat(32) as KmaId, 'B'.repeat(32) as KmaId];
const COUNTS = {
  ...{ agents: 2, createKey: 3, retrieveKey: 4, registerKwk: 1, other: 2, refused: 1, totalMs: 12.3456 },
  ...{ busy: 1, management: 5, replication: 6 },
};
const at = (hour: number): KmaHour => ({ ...COUNTS, hour });
const ended = (hour: number) => (hour + 1) * HOUR_MS;

function rowsOf(...facts: readonly Fact[]) {
  const world = new FoldingWorld();
  world.fold(...facts);
  return world.state.page('kma_hour', '', 10_000);
}

test('an hour is told once as it is, and again where it is counted further', () => {
  const [row] = rowsOf(hourFact(A, at(100), ended(100)));
  assert.equal(isTold(undefined, at(100), ended(100)), false);
  assert.equal(isTold(row, at(100), ended(100)), true);
  assert.equal(isTold(row, at(100), ended(100) - 1), false);
  assert.equal(isTold(row, { ...at(100), management: 6 }, ended(100)), false);
  assert.equal(isTold(row, at(100 + HOURS_KEPT), ended(100 + HOURS_KEPT)), false);
});

test('an hour a month later takes the place of the one before, and no other', () => {
  assert.equal(slotOf(A, 5), slotOf(A, 5 + HOURS_KEPT));
  const rows = rowsOf(
    ...[5, 6, 5 + HOURS_KEPT].map((hour) => hourFact(A, at(hour), ended(hour))),
    hourFact(B, at(5), ended(5)),
  );
  assert.deepEqual(
    rows.map(({ id, hour }) => [id[0], hour]),
    [
      ['A', 5 + HOURS_KEPT],
      ['A', 6],
      ['B', 5],
    ],
  );
});

test('this KMA counts its own hours up to now; of one that it has not counted it knows what it told', () => {
  const rows = rowsOf(...[7, 8, 9].map((hour) => hourFact(A, { ...at(hour), createKey: 9 }, ended(hour))));
  const nowMs = 9 * HOUR_MS + 1000;
  const known = knownHours(rows, { kmaId: A, hours: [at(8), at(9)], runningHour: 9 }, nowMs);
  assert.deepEqual(
    known.map(({ hour, createKey, countedUntilMs }) => [hour, createKey, countedUntilMs]),
    [
      [7, 9, ended(7)],
      [8, 3, ended(8)],
      [9, 3, nowMs],
    ],
  );
});

test('of the hour that runs nothing is known to be more than what was written down', () => {
  const told = rowsOf(hourFact(A, at(5), 5 * HOUR_MS + 1));
  const createKeyOf = (rows: ReturnType<typeof rowsOf>, runningHour: number | null) =>
    knownHours(rows, { kmaId: A, hours: [], runningHour }, 5 * HOUR_MS + 2).map(({ createKey }) => createKey);
  assert.deepEqual([createKeyOf([], 5), createKeyOf([], null)], [[0], []]);
  assert.deepEqual(createKeyOf(told, 5), [COUNTS.createKey]);
});

test('of another KMA that ended within an hour it is known up to when it was counted', () => {
  const until = 4 * HOUR_MS + 60_000;
  const [known] = knownHours(
    rowsOf(hourFact(B, at(4), until)),
    { kmaId: A, hours: [], runningHour: null },
    9 * HOUR_MS,
  );
  assert.deepEqual(known, { ...at(4), kmaId: B, countedUntilMs: until, totalMs: 12.346 });
});

test('what another one tells of itself may be anything, and shows as something', () => {
  const rows = rowsOf({ table: 'kma_hour', id: slotOf(B, 4), set: { hour: 4, createKey: -5, busy: null } });
  const liar = rowsOf({
    table: 'kma_hour',
    id: slotOf(B, 5),
    set: { hour: 5, countedUntil: 1e18, agents: 1 },
  });
  const known = knownHours([...rows, ...liar], { kmaId: A, hours: [], runningHour: null }, 5 * HOUR_MS + 7);
  assert.deepEqual(
    known.map(({ createKey, busy, agents, countedUntilMs }) => [createKey, busy, agents, countedUntilMs]),
    [
      [0, 0, 0, 4 * HOUR_MS],
      [0, 0, 1, 5 * HOUR_MS + 7],
    ],
  );
});

test('hours add up by KMA to days and to all of them; what is not known is in none', () => {
  const known = knownHours(
    rowsOf(
      ...[23, 24, 26].map((hour) => hourFact(B, at(hour), ended(hour))),
      hourFact(B, { ...at(30), agents: 9 }, ended(30) - 5),
    ),
    { kmaId: A, hours: [at(24)], runningHour: null },
    100 * HOUR_MS,
  );
  const shown = (per: 'hour' | 'day' | 'kma') =>
    summed(known, per).map((one) => [
      one.kmaId[0],
      one.beganAtMs / HOUR_MS,
      one.hours,
      one.createKey,
      one.agents,
      one.countedUntilMs / HOUR_MS,
    ]);
  assert.deepEqual(shown('day'), [
    ['B', 0, 1, 3, 2, 24],
    ['B', 24, 3, 9, 9, 31 - 5 / HOUR_MS],
    ['A', 24, 1, 3, 2, 25],
  ]);
  assert.deepEqual(shown('kma'), [
    ['B', 23, 4, 12, 9, 31 - 5 / HOUR_MS],
    ['A', 24, 1, 3, 2, 25],
  ]);
  assert.equal(shown('hour').length, 5);
  const [both] = summed(known, 'kma');
  assert.deepEqual(
    [both?.retrieveKey, both?.registerKwk, both?.other, both?.refused, both?.busy],
    [16, 4, 8, 4, 4],
  );
  assert.deepEqual([both?.management, both?.replication, both?.totalMs], [20, 24, 4 * 12.346]);
});
