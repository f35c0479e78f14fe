/** `npm run bench -- capacity`: what the project promises of a KMA with years of keys, measured in one run and printed beside the goals. */

import { backupMeanwhile } from './backup.ts';
import { BenchKma } from './bench-kma.ts';
import { Callers } from './callers.ts';
import { atMost, type Goal, printGoals, printTable } from './figures.ts';
import { printMachine } from './machine.ts';
import { newConnections } from './new-connections.ts';
import { besidePyKmip } from './peer.ts';
import type { Population } from './population.ts';
import { inTurn, leastCpuMs } from './rounds.ts';
import { compareSizes, memoryAfterLoad, startToReady } from './sizes.ts';
import { operationsPerFsync, throughput } from './throughput.ts';

const LARGE: Population = {
  poolKeys: 100_000,
  agentKeys: 100_000,
  agents: 10_000,
  dataUnits: 1_000_000,
  associations: 500_000,
  auditRecords: 100_000,
};
/** The least pool a KMA may have, and as many keys with agents. */
const SMALL: Population = {
  poolKeys: 1_000,
  agentKeys: 1_000,
  agents: 50,
  dataUnits: 5_000,
  associations: 2_500,
  auditRecords: 100_000,
};

const RESUMED_RATIO = 0.65;
const RESUMED = { calls: 800, callers: 16, rounds: 4 } as const;

/** `scale` below 1 shrinks the large population, to see that all of it runs. */
export async function benchCapacity(scale: number): Promise<void> {
  const large = await BenchKma.make('large', scaled(LARGE, scale), progress);
  await using _large = large;
  await using small = await BenchKma.make('small', SMALL, progress);
  using callers = new Callers();
  printMachine(large.kma.folder);
  printPopulations([large, small]);
  const goals: Goal[] = [await startToReady(large)];
  progress('kept-alive calls of 32 and 64 callers');
  goals.push(...(await throughput(callers, large)), ...(await operationsPerFsync(callers, large)));
  progress('a backup of the large KMA, and none');
  goals.push(...(await backupMeanwhile(callers, large)), memoryAfterLoad(large));
  progress('both sizes in turn');
  await small.start();
  goals.push(...(await compareSizes(callers, small, large)));
  progress('full handshakes and resumed sessions');
  goals.push(await resumedToFull(callers, large));
  progress('PyKMIP');
  goals.push(...(await besidePyKmip(callers, large)));
  printGoals('Goals', goals);
}

const progress = (what: string) =>
  void process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${what} ...\n`);

function scaled(population: Population, scale: number): Population {
  const least = SMALL;
  const part = (name: keyof Population) => Math.max(least[name], Math.round(population[name] * scale));
  return {
    poolKeys: part('poolKeys'),
    agentKeys: part('agentKeys'),
    agents: part('agents'),
    dataUnits: part('dataUnits'),
    associations: part('associations'),
    auditRecords: population.auditRecords,
  };
}

function printPopulations(kmas: readonly BenchKma[]): void {
  printTable(
    'What the KMAs hold',
    ['KMA', 'keys in the pool', 'keys with agents', 'agents enrolled', 'data units', 'with a key'],
    kmas.map(({ name, population: p }) => [
      name,
      p.poolKeys,
      p.agentKeys,
      p.agents,
      p.dataUnits,
      p.associations,
    ]),
  );
}

async function resumedToFull(callers: Callers, kma: BenchKma): Promise<Goal> {
  const { rounds, ...load } = RESUMED;
  const target = (resumed: boolean) =>
    newConnections(resumed ? 'resumed' : 'full', kma, callers, { ...load, kind: 'retrieve', resumed });
  const figures = await inTurn([target(false), target(true)], rounds);
  const [full, resumed] = ['full', 'resumed'].map((name) => leastCpuMs(figures.get(name) ?? []));
  const name = `CPU time of a resumed retrieve (${resumed?.toFixed(3)} ms) to a full one (${full?.toFixed(3)} ms)`;
  return atMost(name, (resumed ?? 0) / (full ?? 0), RESUMED_RATIO, 'x');
}
