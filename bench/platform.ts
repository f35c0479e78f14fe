/** `npm run bench -- platform`: what agents notice of everything that surrounds the key service: DNS, NTP, support access, SNMP, syslog and the SNMP agent on, with receivers that are away, beside all of it off. */
import { setTimeout as pause } from 'node:timers/promises';
import { BenchKma } from './bench-kma.ts';
import { byProcess, Callers, type KeptMeasured } from './callers.ts';
import { atMost, printGoals, printTable } from './figures.ts';
import { latencyRow, medianP99Ms } from './kept-figures.ts';
import { printMachine } from './machine.ts';
import { pssMegabytes } from './memory.ts';
import { Surroundings } from './surroundings.ts';

const RATIO = 1.2;
const ROUNDS = 5;
const ROUND_MS = 12_000;
/** After a start the first calls load what the rest finds loaded. */
const WARM_MS = 3_000;
const CALLERS = 8;
const CALLS_PER_SECOND = 200;
const POPULATION = {
  poolKeys: 2_000,
  agentKeys: 5_000,
  agents: 50,
  dataUnits: 5_000,
  associations: 5_000,
  auditRecords: 20_000,
};

const progress = (what: string) =>
  void process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${what} ...\n`);

/** In turn, each after a start of its own, so that a slow minute falls on both. */
export async function benchPlatform(): Promise<void> {
  await using kma = await BenchKma.make('platform', POPULATION, progress);
  using callers = new Callers();
  printMachine(kma.kma.folder);
  const figures = { off: [] as KeptMeasured[], on: [] as KeptMeasured[] };
  let memory = 0;
  await using surroundings = await Surroundings.start();
  for (let round = 1; round <= ROUNDS; round += 1) {
    for (const is of ['off', 'on'] as const) {
      progress(`round ${round} of ${ROUNDS}, everything ${is}`);
      await kma.start();
      if (is === 'on') {
        await surroundings.switchOn(kma);
        progress(`  ${(await surroundings.told(kma)).join('; ')}`);
      }
      await kma.settle(0);
      await retrieves(callers, kma, WARM_MS);
      figures[is].push(await retrieves(callers, kma, ROUND_MS));
      if (is === 'on') {
        memory = pssMegabytes(kma.pids().get('platform') ?? 0);
        await surroundings.switchOff(kma);
      }
      await kma.stop();
    }
  }
  tell(figures, memory);
}

async function retrieves(callers: Callers, kma: BenchKma, forMs: number): Promise<KeptMeasured> {
  const order = {
    port: kma.ports.agent,
    callers: kma.callers(CALLERS, 'retrieve for a unit'),
    callsPerSecond: CALLS_PER_SECOND,
  };
  const { result, stop } = await callers.keptUntilTold('retrieves', order, kma.pids);
  await pause(forMs).finally(stop);
  return result;
}

function tell({ off, on }: Record<'off' | 'on', readonly KeptMeasured[]>, memory: number): void {
  const row = (name: string, figures: readonly KeptMeasured[]) => [
    ...latencyRow(name, figures),
    figures.slice(-1).map(byProcess).join(''),
  ];
  printTable(
    `Retrieves at ${CALLS_PER_SECOND}/s over ${CALLERS} kept-alive connections, ${ROUNDS} rounds of ${ROUND_MS / 1000} s in turn`,
    ['what surrounds the key service', 'p50', 'p99 (median)', 'p99 of rounds', 'CPU-ms per call'],
    [row('everything off', off), row('everything on, receivers away', on)],
  );
  printGoals('Goals', [
    atMost("agents' p99, everything on to off", medianP99Ms(on) / medianP99Ms(off), RATIO, 'x'),
    atMost('memory of the platform process', memory, 100, 'MB', 0),
  ]);
}
