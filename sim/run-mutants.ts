/** Runs all mutants, those of the simulated world over seeds and those of real processes by their tests, and prints a line for each: what it breaks, and by what it was found. It judges no seed without a mutant. */
import { manySeeds } from './many-seeds.ts';
import { MUTANTS, type Mutant } from './mutants.ts';
import { PROCESS_MUTANTS } from './process-mutants.ts';
import { runProcessMutant } from './run-process-mutant.ts';
import type { SeedResult } from './run-seed.ts';

const SEEDS_OF_A_MUTANT = 200;
const NAME_WIDTH = 76;

/** True where each was found. */
export async function runMutants(kmas: number, from: number): Promise<boolean> {
  let missed = 0;
  for (const mutant of MUTANTS) {
    const found = await findInSeeds(mutant, kmas, from);
    if (found === null) missed += 1;
    const invariant = String(found?.violation?.invariant ?? mutant.breaks.join(' or '));
    const by = found === null ? 'not found' : `${found.seed - from + 1} seeds`;
    console.log(lineOf(mutant.name, invariant, by));
  }
  for (const mutant of PROCESS_MUTANTS) {
    const found = await runProcessMutant(mutant);
    if (!found) missed += 1;
    console.log(lineOf(mutant.name, String(mutant.breaks), found ? mutant.test : 'not found'));
  }
  const count = MUTANTS.length + PROCESS_MUTANTS.length;
  console.log(
    `${count} mutants, ${missed} not found within ${SEEDS_OF_A_MUTANT} seeds or by a test of real processes`,
  );
  return missed === 0;
}

async function findInSeeds({ name, breaks }: Mutant, kmas: number, from: number): Promise<SeedResult | null> {
  const tasks = Array.from({ length: SEEDS_OF_A_MUTANT }, (_, i) => ({
    seed: from + i,
    kmas,
    mutant: name,
  }));
  const finds = ({ violation }: SeedResult) => violation !== null && breaks.includes(violation.invariant);
  for await (const result of manySeeds(tasks, finds)) if (finds(result)) return result;
  return null;
}

function lineOf(name: string, invariant: string, by: string): string {
  return `${name.padEnd(NAME_WIDTH)} ${invariant.padEnd(12)} ${by}`;
}
