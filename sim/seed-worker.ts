/** A thread that runs one seed after the other as it is told to. It keeps nothing from one to the next. */
import { parentPort } from 'node:worker_threads';
import type { SeedTask } from './many-seeds.ts';
import { MUTANTS } from './mutants.ts';
import { runSeed } from './run-seed.ts';
import { PRODUCTION } from './seams.ts';

parentPort?.on('message', async ({ seed, kmas, mutant }: SeedTask) => {
  const seams = mutant === null ? {} : MUTANTS.find(({ name }) => name === mutant)?.seams;
  if (seams === undefined) throw new Error(`there is no mutant "${mutant}"`);
  parentPort?.postMessage(await runSeed({ seed, kmas, seams: { ...PRODUCTION, ...seams } }));
});
