/** The simulated world in short: a few seeds without a violation, the same seed twice the same, and enough happens in each. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { manySeeds } from './many-seeds.ts';
import { violationText } from './report.ts';
import type { SeedResult } from './run-seed.ts';

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
  for (const { seed, violation, hours, operations, faults } of results) {
    assert.equal(violation, null, violation === null ? '' : violationText(seed, KMAS, violation));
    const counts = Object.values(faults);
    assert.ok(hours >= 24 && operations >= 2000, `seed ${seed}: ${hours} hours, ${operations} operations`);
    const all = counts.reduce((sum, count) => sum + count, 0);
    assert.ok(all >= 30 && counts.length >= 8, `seed ${seed}: ${all} faults of ${counts.length} kinds`);
  }
});

test('the same seed is the same world', async () => {
  const [one, other, another] = await run([7, 7, 8]);
  assert.equal(one?.traceHash, other?.traceHash);
  assert.notEqual(one?.traceHash, another?.traceHash);
});

test('a fault of the code is found, with its history', async () => {
  const [found] = await run([1], 'hand-outs are not recorded in their transaction');
  assert.equal(found?.violation?.invariant, 5);
  assert.ok((found?.violation?.history.length ?? 0) > 0);
});
