/** What agents notice of a backup of a large store: their latency while it is made, beside the same minute without it. */
import type { BenchKma } from './bench-kma.ts';
import type { Callers, KeptMeasured } from './callers.ts';
import { atMost, type Goal, printTable } from './figures.ts';

const CALLERS = 8;
/** A busy site; each call has its time, also when the one before was late. */
const CALLS_PER_SECOND = 200;
const QUIET_MS = 20_000;
const RATIO = 2;

interface Phase {
  readonly name: string;
  readonly figure: KeptMeasured;
}

export async function backupMeanwhile(callers: Callers, kma: BenchKma): Promise<readonly Goal[]> {
  const quiet = () => new Promise<void>((resolve) => setTimeout(resolve, QUIET_MS));
  await kma.settle(0);
  const before = await during(callers, kma, quiet);
  let seconds = 0;
  const meanwhile = await during(callers, kma, async () => {
    const began = performance.now();
    await kma.kma.backup();
    seconds = (performance.now() - began) / 1000;
  });
  const phases: Phase[] = [
    { name: `no backup, ${QUIET_MS / 1000} s`, figure: before },
    { name: `backup running, ${seconds.toFixed(1)} s`, figure: meanwhile },
  ];
  printTable(
    `Retrieves at ${CALLS_PER_SECOND}/s over ${CALLERS} kept-alive connections to the ${kma.name} KMA, latency from the moment a call was due`,
    ['phase', 'calls', 'p50', 'p99', 'CPU-ms per call, all processes'],
    phases.map(({ name, figure }) => [
      name,
      figure.calls,
      `${figure.p50Ms.toFixed(2)} ms`,
      `${figure.p99Ms.toFixed(2)} ms`,
      figure.cpuMsPerCall.toFixed(3),
    ]),
  );
  return [atMost("agents' p99 while a backup runs", meanwhile.p99Ms / before.p99Ms, RATIO, 'x')];
}

async function during(callers: Callers, kma: BenchKma, work: () => Promise<void>): Promise<KeptMeasured> {
  const order = {
    port: kma.ports.agent,
    callers: kma.callers(CALLERS, 'retrieve for a unit'),
    callsPerSecond: CALLS_PER_SECOND,
  };
  const { result, stop } = await callers.keptUntilTold('retrieves', order, kma.pids);
  try {
    await work();
  } finally {
    stop();
  }
  return result;
}
