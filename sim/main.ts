/** The command line of the simulated world: `npm run sim -- --seeds N --kmas K [--from FIRST_SEED]`, or `--mutants`. It exits with 1 when something is found, or a mutant is not. */
import { parseArgs } from 'node:util';
import { manySeeds } from './many-seeds.ts';
import { MUTANTS } from './mutants.ts';
import { summaryOf, violationText } from './report.ts';
import type { SeedResult } from './run-seed.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20' },
    kmas: { type: 'string', default: '5' },
    from: { type: 'string', default: '1' },
    mutants: { type: 'boolean', default: false },
  },
});
const whole = (name: 'seeds' | 'kmas' | 'from', least: number, most: number): number => {
  const value = Number(values[name]);
  if (!Number.isInteger(value) || value < least || value > most)
    throw new Error(`--${name} takes a number from ${least} to ${most}`);
  return value;
};
const kmas = whole('kmas', 2, 20);
const from = whole('from', 1, 1e9);
const SEEDS_OF_A_MUTANT = 200;
const TOLD_EVERY = 50;

process.exitCode = (values.mutants ? await runMutants() : await runSeeds(whole('seeds', 1, 1e6))) ? 0 : 1;

async function runSeeds(seeds: number): Promise<boolean> {
  const results: SeedResult[] = [];
  const tasks = Array.from({ length: seeds }, (_, i) => ({ seed: from + i, kmas, mutant: null }));
  for await (const result of manySeeds(tasks)) {
    results.push(result);
    if (result.violation !== null) console.log(violationText(result.seed, kmas, result.violation));
    if (results.length % TOLD_EVERY === 0) console.error(`${results.length} of ${seeds} seeds`);
  }
  if (seeds === 1) console.log(`trace ${results[0]?.traceHash}`);
  console.log(summaryOf(results));
  return results.every(({ violation }) => violation === null);
}

async function runMutants(): Promise<boolean> {
  let missed = 0;
  for (const { name, breaks } of MUTANTS) {
    const tasks = Array.from({ length: SEEDS_OF_A_MUTANT }, (_, i) => ({
      seed: from + i,
      kmas,
      mutant: name,
    }));
    const finds = ({ violation }: SeedResult) => violation !== null && breaks.includes(violation.invariant);
    let found: SeedResult | null = null;
    for await (const result of manySeeds(tasks, finds)) if (finds(result)) found = result;
    if (found === null) missed += 1;
    const invariant = String(found?.violation?.invariant ?? breaks.join(' or '));
    const seeds = found === null ? 'not found' : String(found.seed - from + 1);
    console.log(`${name.padEnd(68)} ${invariant.padEnd(12)} ${seeds}`);
  }
  console.log(`${MUTANTS.length} mutants, ${missed} not found within ${SEEDS_OF_A_MUTANT} seeds`);
  return missed === 0;
}
