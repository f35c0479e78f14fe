/** The command line of the simulated world: `npm run sim -- --seeds N --kmas K [--from FIRST_SEED] [--minimal]`, or `--mutants`. It exits with 1 when something is found, too little happened in a seed, or a mutant is not found. */
import { parseArgs } from 'node:util';
import { shortfallOf } from './enough.ts';
import { withFewestFaults } from './fewest-faults.ts';
import { manySeeds } from './many-seeds.ts';
import { fewestText, shortfallText, summaryOf, violationText } from './report.ts';
import { runMutants } from './run-mutants.ts';
import type { SeedResult, ViolationReport } from './run-seed.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20' },
    kmas: { type: 'string', default: '5' },
    from: { type: 'string', default: '1' },
    mutants: { type: 'boolean', default: false },
    minimal: { type: 'boolean', default: false },
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
const TOLD_EVERY = 50;

const passed = values.mutants ? await runMutants(kmas, from) : await runSeeds(whole('seeds', 1, 1e6));
process.exitCode = passed ? 0 : 1;

async function tell(seed: number, violation: ViolationReport): Promise<void> {
  console.log(violationText(seed, kmas, violation));
  if (values.minimal) console.log(fewestText(await withFewestFaults({ seed, kmas }, violation.invariant)));
}

async function runSeeds(seeds: number): Promise<boolean> {
  const results: SeedResult[] = [];
  const tasks = Array.from({ length: seeds }, (_, i) => ({ seed: from + i, kmas, mutant: null }));
  for await (const result of manySeeds(tasks)) {
    results.push(result);
    const shortfall = shortfallOf(result);
    if (shortfall !== null) console.log(shortfallText(result, kmas, shortfall));
    if (result.violation !== null) await tell(result.seed, result.violation);
    if (results.length % TOLD_EVERY === 0) console.error(`${results.length} of ${seeds} seeds`);
  }
  if (seeds === 1) console.log(`trace ${results[0]?.traceHash}`);
  console.log(summaryOf(results));
  return results.every((result) => result.violation === null && shortfallOf(result) === null);
}
