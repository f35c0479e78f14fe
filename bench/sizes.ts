/** A populated KMA beside a small one: time to ready, memory, latency and processor time of agents' calls. */
import type { BenchKma } from './bench-kma.ts';
import type { Callers, KeptMeasured } from './callers.ts';
import { atMost, type Goal, least, median, printTable } from './figures.ts';
import { pssMegabytes } from './memory.ts';
import { KINDS, type Kind } from './requests.ts';
import { inTurn, leastCpuMs, type Target } from './rounds.ts';

const READY_SECONDS = 3;
const MEMORY_MEGABYTES = 500;
const RATIO = 1.3;

const STARTS = 3;
const ROUNDS = 5;
/** Fewer than would make latency a matter of waiting for a processor. */
const CALLERS = 2;
const RETRIEVES = 1_500;
/** The small pool has 1000 keys, and under half of it the KMA begins to fill it. */
const CREATES = 450;

/** Leaves the KMA running. */
export async function startToReady(kma: BenchKma): Promise<Goal> {
  const seconds: number[] = [];
  for (let start = 0; start < STARTS; start += 1) {
    await kma.stop();
    seconds.push(await kma.start());
  }
  const name = `start to ready, ${kma.name} (median of ${STARTS}, least ${least(seconds).toFixed(2)} s)`;
  return atMost(name, median(seconds), READY_SECONDS, 's');
}

export function memoryAfterLoad(kma: BenchKma): Goal {
  const parts = [...kma.pids()].map(([name, pid]) => [name, pssMegabytes(pid)] as const);
  const sum = parts.reduce((total, [, megabytes]) => total + megabytes, 0);
  const shares = parts.map(([name, megabytes]) => `${name} ${megabytes.toFixed(0)}`).join(', ');
  return atMost(`memory after load, ${kma.name} (PSS: ${shares})`, sum, MEMORY_MEGABYTES, 'MB', 0);
}

/** Both KMAs run at once and are called in turn. */
export async function compareSizes(
  callers: Callers,
  small: BenchKma,
  large: BenchKma,
): Promise<readonly Goal[]> {
  const targets = KINDS.flatMap((kind) => [small, large].map((kma) => keptCalls(callers, kma, kind)));
  const figures = await inTurn(targets, ROUNDS);
  const of = (kma: BenchKma, kind: Kind) => figures.get(nameOf(kma, kind)) ?? [];
  printTable(
    `Agents' calls over kept-alive connections, ${CALLERS} callers, ${ROUNDS} rounds in turn: median latency of rounds, least CPU time`,
    ['call', 'p50', 'p99', 'CPU-ms per call', 'by process'],
    KINDS.flatMap((kind) => [small, large].map((kma) => row(nameOf(kma, kind), of(kma, kind)))),
  );
  return KINDS.flatMap((kind) => goalsOf(kind, of(small, kind), of(large, kind)));
}

function nameOf(kma: BenchKma, kind: Kind): string {
  return `${kind}, ${kma.name}`;
}

function keptCalls(callers: Callers, kma: BenchKma, kind: Kind): Target<KeptMeasured> {
  const calls = kind.startsWith('create') ? CREATES : RETRIEVES;
  const order = { port: kma.ports.agent, callers: kma.callers(CALLERS, kind), calls };
  const name = nameOf(kma, kind);
  return {
    name,
    async measure() {
      await kma.settle(2 * calls);
      return callers.kept(name, order, kma.pids);
    },
  };
}

const p50 = (figures: readonly KeptMeasured[]) => median(figures.map(({ p50Ms }) => p50Ms));
const p99 = (figures: readonly KeptMeasured[]) => median(figures.map(({ p99Ms }) => p99Ms));

function row(name: string, figures: readonly KeptMeasured[]): string[] {
  const names = [...new Set(figures.flatMap(({ cpuMsByProcess }) => [...cpuMsByProcess.keys()]))];
  const shares = names.map((process) => {
    const each = figures.map(({ cpuMsByProcess }) => cpuMsByProcess.get(process) ?? 0);
    return `${process} ${median(each).toFixed(3)}`;
  });
  return [
    name,
    `${p50(figures).toFixed(2)} ms`,
    `${p99(figures).toFixed(2)} ms`,
    leastCpuMs(figures).toFixed(3),
    shares.join(', '),
  ];
}

function goalsOf(kind: Kind, small: readonly KeptMeasured[], large: readonly KeptMeasured[]): Goal[] {
  const ratio = (what: string, of: (figures: readonly KeptMeasured[]) => number) =>
    atMost(`${kind}: ${what}, large to small`, of(large) / of(small), RATIO, 'x');
  return [ratio('p50', p50), ratio('p99', p99), ratio('CPU time', leastCpuMs)];
}
