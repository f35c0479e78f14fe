/** Finds out which of a seed's faults a violation needs: the seed is run again with more and more of them left out, as long as the same invariant breaks. It changes no other thing of the world. */
import { FAULTS_PLANNED } from './faults/faults.ts';
import { runSeed, type SeedOptions, type SeedResult } from './run-seed.ts';
import type { Invariant } from './violation.ts';

/** Whatever is left out, the others choose other machines: so the result is a world with few faults, and not always the one with the fewest. Null where none can be left out. */
export async function withFewestFaults(
  options: Omit<SeedOptions, 'faultsLeftOut'>,
  invariant: Invariant,
): Promise<SeedResult | null> {
  let leftOut: ReadonlySet<number> = new Set();
  let fewest: SeedResult | null = null;
  for (let size = FAULTS_PLANNED; size >= 1; size = Math.floor(size / 2))
    for (let from = 0; from < FAULTS_PLANNED; from += size) {
      const more = new Set([...leftOut, ...numbers(from, Math.min(from + size, FAULTS_PLANNED))]);
      if (more.size === leftOut.size) continue;
      const result = await runSeed({ ...options, faultsLeftOut: more });
      if (result.violation?.invariant !== invariant) continue;
      leftOut = more;
      fewest = result;
    }
  return fewest;
}

function numbers(from: number, end: number): number[] {
  return Array.from({ length: end - from }, (_, i) => from + i);
}
