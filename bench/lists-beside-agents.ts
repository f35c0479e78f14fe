/** What agents notice of lists: retrieves at a steady rate, with and without a manager's computer that asks one list after the other. */
import type { BenchKma } from './bench-kma.ts';
import { Caller, Callers, type KeptMeasured } from './callers.ts';
import { atMost, type Goal, median, printTable } from './figures.ts';
import { latencyRow, medianP99Ms } from './kept-figures.ts';
import type { ListOrder, ListsAsked, ToListLoad } from './list-load.ts';

const AGENTS_RATIO = 1.2;
const ROUNDS = 3;
const ROUND_MS = 10_000;
const CALLERS = 8;
const CALLS_PER_SECOND = 200;

interface Round {
  readonly alone: KeptMeasured;
  readonly beside: KeptMeasured;
  readonly lists: number;
}

/** In turn, so that a slow minute falls on both. */
export async function agentsBesideLists(kma: BenchKma, order: ListOrder): Promise<Goal> {
  using callers = new Callers();
  using asking = new Caller<ToListLoad>('./list-load.ts');
  await asking.ask<ListsAsked>(order);
  const rounds: Round[] = [];
  await kma.settle(0);
  for (let round = 0; round < ROUNDS; round += 1) {
    const alone = await retrieves(callers, kma, async () => pause());
    let lists = 0;
    const beside = await retrieves(callers, kma, async () => {
      const answered = asking.ask<ListsAsked>({ go: true });
      await pause();
      asking.tell({ stop: true });
      lists = (await answered).lists;
    });
    rounds.push({ alone, beside, lists });
  }
  return told(rounds);
}

const pause = () => new Promise<void>((resolve) => setTimeout(resolve, ROUND_MS));

async function retrieves(callers: Callers, kma: BenchKma, work: () => Promise<void>): Promise<KeptMeasured> {
  const order = {
    port: kma.ports.agent,
    callers: kma.callers(CALLERS, 'retrieve for a unit'),
    callsPerSecond: CALLS_PER_SECOND,
  };
  const { result, stop } = await callers.keptUntilTold('retrieves', order, kma.pids);
  await work().finally(stop);
  return result;
}

function told(rounds: readonly Round[]): Goal {
  const alone = rounds.map((round) => round.alone);
  const beside = rounds.map((round) => round.beside);
  printTable(
    `Retrieves at ${CALLS_PER_SECOND}/s over ${CALLERS} kept-alive connections, ${ROUNDS} rounds of ${ROUND_MS / 1000} s`,
    ['phase', 'p50', 'p99 (median)', 'p99 of rounds'],
    [latencyRow('no lists', alone), latencyRow('lists one after the other', beside)],
  );
  printTable(
    'What each of these lists cost',
    ['lists of rounds', 'CPU-ms by process'],
    [[rounds.map(({ lists }) => lists).join(', '), costs(rounds)]],
  );
  return atMost(
    "agents' p99, with lists to without",
    medianP99Ms(beside) / medianP99Ms(alone),
    AGENTS_RATIO,
    'x',
  );
}

/** What the processes spent beyond the same retrieves without lists. */
function costs(rounds: readonly Round[]): string {
  const names = [...(rounds[0]?.alone.cpuMsByProcess.keys() ?? [])];
  const spent = (figure: KeptMeasured, name: string) => (figure.cpuMsByProcess.get(name) ?? 0) * figure.calls;
  const cost = (name: string) =>
    median(rounds.map(({ alone, beside, lists }) => (spent(beside, name) - spent(alone, name)) / lists));
  return names.map((name) => `${name} ${cost(name).toFixed(2)}`).join(', ');
}
