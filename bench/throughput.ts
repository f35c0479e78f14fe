/** How much a KMA serves over kept-alive connections when everybody asks at once, on a machine that it shares with the callers. */
import type { BenchKma } from './bench-kma.ts';
import { byProcess, type Callers, type KeptMeasured } from './callers.ts';
import { atLeast, type Goal, least, median, printTable } from './figures.ts';
import type { Kind } from './requests.ts';
import { cheapest, inTurn, mostPerSecond, type Target } from './rounds.ts';

const CALLERS = 32;
const CALLS = 20_000;
const ROUNDS = 3;
const GOALS = [
  ['retrieve', 6_000],
  ['create', 4_000],
] as const;

const FSYNC_CALLERS = 64;
const OPERATIONS_PER_FSYNC = 20;

/** A tenth of the pool at most for one run, so that the pool is not what is measured. */
function callsOf(kma: BenchKma, kind: Kind): number {
  return kind.startsWith('create') ? Math.min(CALLS / 2, Math.floor(kma.population.poolKeys / 10)) : CALLS;
}

export async function throughput(callers: Callers, kma: BenchKma): Promise<readonly Goal[]> {
  const targets = GOALS.map(([kind]) => busyCalls(callers, kma, kind, CALLERS));
  const figures = await inTurn(targets, ROUNDS);
  printTable(
    `Kept-alive calls of ${CALLERS} callers to the ${kma.name} KMA, callers on the same processors, best of ${ROUNDS}${keyMade(kma)}`,
    ['call', 'calls/s', 'median', 'TLS', 'CPU-ms per call', 'by process', 'caller'],
    [...figures].map(([name, own]) => row(name, own)),
  );
  return GOALS.map(([kind, perSecond]) =>
    atLeast(
      `${kind}, ${CALLERS} callers, callers included`,
      mostPerSecond(figures.get(kind) ?? []),
      perSecond,
      'calls/s',
      0,
    ),
  );
}

/** Making the keys is left out of the figures of creates, which wait for a full pool. */
function keyMade({ cpuMsPerKeyMade }: BenchKma): string {
  if (cpuMsPerKeyMade.length === 0) return '';
  return `; each key made ahead for the pool takes ${least(cpuMsPerKeyMade).toFixed(3)} CPU-ms besides`;
}

function busyCalls(callers: Callers, kma: BenchKma, kind: Kind, count: number): Target<KeptMeasured> {
  const calls = callsOf(kma, kind);
  const order = { port: kma.ports.agent, callers: kma.callers(count, kind), calls };
  return {
    name: kind,
    async measure() {
      await kma.settle(calls);
      return callers.kept(kind, order, kma.pids);
    },
  };
}

function row(name: string, figures: readonly KeptMeasured[]): string[] {
  const best = cheapest(figures);
  return [
    name,
    mostPerSecond(figures).toFixed(0),
    median(figures.map(({ callsPerSecond }) => callsPerSecond)).toFixed(0),
    `${best.protocol} ${best.cipher}`,
    best.cpuMsPerCall.toFixed(3),
    byProcess(best),
    best.callerCpuMsPerCall.toFixed(3),
  ];
}

/** The status counts operations and commits of the core; a commit is one fsync. */
export async function operationsPerFsync(callers: Callers, kma: BenchKma): Promise<readonly Goal[]> {
  const goals: Goal[] = [];
  for (const [kind] of GOALS) {
    const target = busyCalls(callers, kma, kind, FSYNC_CALLERS);
    await target.measure();
    await kma.settle(callsOf(kma, kind));
    const before = await kma.status();
    const { callsPerSecond } = await target.measure();
    const after = await kma.status();
    const ratio = (after.operations - before.operations) / (after.commits - before.commits);
    const name = `operations per fsync, ${kind}, ${FSYNC_CALLERS} callers (${callsPerSecond.toFixed(0)} calls/s)`;
    goals.push(atLeast(name, ratio, OPERATIONS_PER_FSYNC, '', 1));
  }
  return goals;
}
