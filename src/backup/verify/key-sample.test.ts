/** The choice of keys: as many as asked for, none twice, of every stratum, and each with its chance. */
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { KeySample } from './key-sample.ts';

const idsOf = (stratum: string, count: number) => Array.from({ length: count }, (_, i) => `${stratum}-${i}`);

test('as many as there are, up to the size; none twice, none of another stratum; every stratum has its turn', () => {
  const sizes = fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), fc.integer({ min: 1, max: 30 }));
  fc.assert(
    fc.property(sizes, fc.integer({ min: 1, max: 60 }), (strata, size) => {
      const sample = new KeySample(size, randomInt);
      for (const [name, count] of Object.entries(strata))
        for (const id of idsOf(name, count)) sample.offer(name, id);
      const chosen = sample.choose();
      const total = Object.values(strata).reduce((sum, count) => sum + count, 0);
      const ids = chosen.flatMap((stratum) => stratum.chosen);
      assert.equal(ids.length, Math.min(size, total));
      assert.equal(new Set(ids).size, ids.length);
      for (const stratum of chosen) {
        assert.equal(stratum.offered, strata[stratum.name]);
        assert.ok(stratum.chosen.every((id) => id.startsWith(`${stratum.name}-`)));
        if (size >= chosen.length) assert.ok(stratum.chosen.length > 0, `nothing of ${stratum.name}`);
      }
    }),
  );
});

test('the early and the late of a large stratum come alike', () => {
  const [offered, size, rounds] = [40, 4, 2000];
  const times = new Map<string, number>();
  for (let round = 0; round < rounds; round++) {
    const sample = new KeySample(size, randomInt);
    // A second stratum takes a part of the size, so that not all that is held is chosen.
    for (const id of [...idsOf('a', offered), ...idsOf('b', offered)]) sample.offer(id.slice(0, 1), id);
    for (const id of sample.choose().flatMap(({ chosen }) => chosen)) times.set(id, (times.get(id) ?? 0) + 1);
  }
  // 100 times each on average, with a deviation of 10: 60 of it is beyond chance.
  const expected = (rounds * size) / (2 * offered);
  for (const id of [...idsOf('a', offered), ...idsOf('b', offered)])
    assert.ok(Math.abs((times.get(id) ?? 0) - expected) < 0.6 * expected, `${id}: ${times.get(id)}`);
});
