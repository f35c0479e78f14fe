/** `npm run bench -- lists`: pages, searches and reports of long lists as a manager sees them over port 3333, and what agents notice of it. */
import { createHash, X509Certificate } from 'node:crypto';
import { logIn, type Session } from '../src/client/log-in.ts';
import { Manager } from '../src/client/manager.ts';
import { auditRecords } from '../test/support/audit-rows.ts';
import { AUDITOR } from '../test/support/kma.ts';
import { BenchKma } from './bench-kma.ts';
import { Callers, type KeptMeasured } from './callers.ts';
import { atMost, type Goal, median, printGoals, printTable } from './figures.ts';
import { ask, goalOf, type Question, questions } from './list-questions.ts';
import { reportGoals } from './list-report.ts';
import { printMachine } from './machine.ts';
import type { Population } from './population.ts';

const MILLION = 1_000_000;
const POPULATION: Population = {
  poolKeys: 2_000,
  agentKeys: 5_000,
  agents: 50,
  dataUnits: MILLION,
  associations: MILLION / 2,
  /** Of data units; hand-outs to half of them are recorded as well. */
  auditRecords: MILLION / 2,
};
const TIMEOUT_MS = 120_000;
const AGENTS_RATIO = 1.2;
const ROUNDS = 3;
const ROUND_MS = 10_000;
const CALLERS = 8;
const CALLS_PER_SECOND = 200;

export async function benchLists(scale: number): Promise<void> {
  const dataUnits = Math.max(5_000, Math.round(POPULATION.dataUnits * scale));
  const associations = Math.round(dataUnits / 2);
  const population = { ...POPULATION, dataUnits, associations, auditRecords: dataUnits - associations };
  await using kma = await BenchKma.make('lists', population, progress);
  const [oldest] = auditRecords(kma.kma.data, 0, 1);
  using callers = new Callers();
  printMachine(kma.kma.folder);
  await kma.start();
  const session = await sessionAt(kma);
  const manager = new Manager(session, { timeoutMs: TIMEOUT_MS, retries: 0, waitMs: 0 });
  const asked = questions(dataUnits, kma.held, oldest?.id ?? '');
  const goals: Goal[] = [];
  for (const question of asked) {
    progress(question.name);
    goals.push(goalOf(await ask(manager, question)));
  }
  progress('reports');
  goals.push(...(await reportGoals(session, ['/v1/audit-events'], kma.pids)));
  progress('agents, with and without lists');
  goals.push(await agentsMeanwhile(callers, kma, manager, asked));
  manager.close();
  printGoals(`Goals, with ${dataUnits} data units and as many audit records`, goals);
}

const progress = (what: string) =>
  void process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${what} ...\n`);

async function sessionAt(kma: BenchKma): Promise<Session> {
  const { certificatePem } = await kma.kma.ask<{ certificatePem: string }>('ShowRootCa', {}, AUDITOR);
  const spki = new X509Certificate(certificatePem).publicKey.export({ type: 'spki', format: 'der' });
  const caKeySha256 = createHash('sha256').update(spki).digest('hex').toUpperCase();
  const place = { address: '127.0.0.1', portOffset: kma.served.portOffset, caKeySha256 };
  return logIn({ place, user: AUDITOR.name, passphrase: AUDITOR.passphrase, timeoutMs: TIMEOUT_MS });
}

/** Lists one after the other, pages and searches alike, beside agents at a steady rate; in turn, so that a slow minute falls on both. */
async function agentsMeanwhile(
  callers: Callers,
  kma: BenchKma,
  manager: Manager,
  asked: readonly Question[],
): Promise<Goal> {
  const alone: KeptMeasured[] = [];
  const beside: KeptMeasured[] = [];
  await kma.settle(0);
  for (let round = 0; round < ROUNDS; round += 1) {
    alone.push(await retrieves(callers, kma, () => new Promise((resolve) => setTimeout(resolve, ROUND_MS))));
    beside.push(await retrieves(callers, kma, () => askFor(ROUND_MS, manager, asked)));
  }
  const p99 = (figures: readonly KeptMeasured[]) => median(figures.map(({ p99Ms }) => p99Ms));
  const row = (name: string, figures: readonly KeptMeasured[]) => [
    name,
    `${median(figures.map(({ p50Ms }) => p50Ms)).toFixed(2)} ms`,
    `${p99(figures).toFixed(2)} ms`,
    figures.map(({ p99Ms }) => p99Ms.toFixed(2)).join(', '),
  ];
  printTable(
    `Retrieves at ${CALLS_PER_SECOND}/s over ${CALLERS} kept-alive connections, ${ROUNDS} rounds of ${ROUND_MS / 1000} s`,
    ['phase', 'p50', 'p99 (median)', 'p99 of rounds'],
    [row('no lists', alone), row('lists one after the other', beside)],
  );
  return atMost("agents' p99, with lists to without", p99(beside) / p99(alone), AGENTS_RATIO, 'x');
}

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

async function askFor(ms: number, manager: Manager, asked: readonly Question[]): Promise<void> {
  const end = performance.now() + ms;
  for (let number = 0; performance.now() < end; number += 1) {
    const question = asked[number % asked.length];
    if (question !== undefined) await ask(manager, question, 1);
  }
}
