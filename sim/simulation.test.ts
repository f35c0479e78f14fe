/** The simulated world in short: a few seeds without a violation, the same seed twice the same, and enough happens in each. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shortfallOf } from './enough.ts';
import { withFewestFaults } from './fewest-faults.ts';
import { manySeeds } from './many-seeds.ts';
import { MUTANTS } from './mutants.ts';
import { violationText } from './report.ts';
import type { SeedResult } from './run-seed.ts';
import { PRODUCTION } from './seams.ts';
import { Trace } from './trace.ts';

const KMAS = 3;
const SEEDS = 3;

const run = async (seeds: readonly number[], mutant: string | null = null): Promise<SeedResult[]> => {
  const results: SeedResult[] = [];
  for await (const result of manySeeds(seeds.map((seed) => ({ seed, kmas: KMAS, mutant }))))
    results.push(result);
  return results;
};

test('a few seeds break no invariant, and in each of them enough happens', async () => {
  const results = await run(Array.from({ length: SEEDS }, (_, i) => i + 1));
  for (const result of results) {
    const { seed, violation } = result;
    assert.equal(violation, null, violation === null ? '' : violationText(seed, KMAS, violation));
    assert.equal(shortfallOf(result), null, `seed ${seed}`);
  }
});

test('the same seed is the same world', async () => {
  const [one, other, another] = await run([7, 7, 8]);
  assert.equal(one?.traceHash, other?.traceHash);
  assert.notEqual(one?.traceHash, another?.traceHash);
});

test('a fault of the code is found, with its history', async () => {
  // In the first two it is found before anything else has happened.
  const [found] = await run([3], 'hand-outs are not recorded in their transaction');
  assert.equal(found?.violation?.invariant, 5);
  assert.ok((found?.violation?.history.length ?? 0) > 0);
});

/** Of each kind of check one that is found soon; `npm run sim -- --mutants` runs all. */
const QUICK = [
  'a field has what arrives last, whatever its stamp',
  'the destruction of a key is forgotten',
  'each approval counts as that of another credential',
  'the counter of the clock wraps',
  'sealed objects that are missing are asked for nowhere',
  'nobody can be deleted from the cluster',
];
const QUICK_SEEDS = 6;
for (const name of QUICK)
  test(`a few seeds are enough to find: ${name}`, async () => {
    const breaks = MUTANTS.find((one) => one.name === name)?.breaks ?? [];
    const finds = ({ violation }: SeedResult) => violation !== null && breaks.includes(violation.invariant);
    const tasks = Array.from({ length: QUICK_SEEDS }, (_, i) => ({ seed: i + 1, kmas: KMAS, mutant: name }));
    let found: SeedResult | undefined;
    for await (const result of manySeeds(tasks, finds)) found = result;
    assert.ok(found !== undefined && finds(found), `found: ${found?.violation?.invariant}`);
  });

test('a violation is told again with the faults left out that it does not need', async () => {
  const mutant = MUTANTS.find(({ breaks }) => breaks.includes(5));
  const fewest = await withFewestFaults(
    { seed: 1, kmas: KMAS, seams: { ...PRODUCTION, ...mutant?.seams } },
    5,
  );
  assert.deepEqual(fewest?.faults, {});
  assert.equal(fewest?.violation?.invariant, 5);
});

test('what happens again and again stands in a history once as it began and once as it ended', () => {
  const trace = new Trace();
  trace.add(0, 'fault crash: m1');
  for (let at = 1; at <= 5; at++) trace.add(at * 60_000, `m1 folds ABC to ${at}`);
  trace.add(600_000, 'm2 folds ABC to 9');
  trace.add(600_000, 'm2 folds DEF to 9');
  assert.deepEqual(trace.historyOf('ABC', 10), [
    '1 00:00:00 fault crash: m1',
    '2 00:01:00 m1 folds ABC to 1',
    '6 00:05:00 m1 folds ABC to 5 (the last of 5)',
    '7 00:10:00 m2 folds ABC to 9',
  ]);
});

test('a seed in which too little happens is told', () => {
  const kinds = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  const enough: SeedResult = {
    seed: 1,
    traceHash: '',
    hours: 24,
    counts: { operations: 2000, refused: 900, unanswered: 5, chores: 10 },
    faults: Object.fromEntries(kinds.map((kind) => [kind, 4])),
    excused: null,
    violation: null,
  };
  assert.equal(shortfallOf(enough), null);
  assert.equal(
    shortfallOf({
      ...enough,
      hours: 23,
      counts: { operations: 1999, refused: 0, unanswered: 9, chores: 9000 },
      faults: { crash: 29 },
    }),
    '23 simulated hours instead of 24, 1999 operations instead of 2000, 29 faults instead of 30, 1 kinds of faults instead of 8',
  );
});
