/** One value of a fast-check arbitrary for a random number, so that inputs from both repeat alike. */
import fc from 'fast-check';
import type { Random } from './random.ts';

export function sample<T>(random: Random, arbitrary: fc.Arbitrary<T>): T {
  const [value] = fc.sample(arbitrary, { seed: random.next() | 0, numRuns: 1 });
  return value as T;
}
