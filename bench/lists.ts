/** `npm run bench -- lists`: pages, searches and reports of long lists as a manager sees them over port 3333, and what agents notice of it. */
import { createHash, X509Certificate } from 'node:crypto';
import { logIn, type Session } from '../src/client/log-in.ts';
import { Manager } from '../src/client/manager.ts';
import { auditRecords } from '../test/support/audit-rows.ts';
import { AUDITOR } from '../test/support/kma.ts';
import { BenchKma } from './bench-kma.ts';
import { type Goal, printGoals } from './figures.ts';
import { ask, goalOf, questions, warmUp } from './list-questions.ts';
import { reportGoals } from './list-report.ts';
import { agentsBesideLists } from './lists-beside-agents.ts';
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

export async function benchLists(scale: number): Promise<void> {
  const dataUnits = Math.max(5_000, Math.round(POPULATION.dataUnits * scale));
  const associations = Math.round(dataUnits / 2);
  const population = { ...POPULATION, dataUnits, associations, auditRecords: dataUnits - associations };
  await using kma = await BenchKma.make('lists', population, progress);
  const [oldest] = auditRecords(kma.kma.data, 0, 1);
  printMachine(kma.kma.folder);
  await kma.start();
  const session = await sessionAt(kma);
  const manager = new Manager(session, { timeoutMs: TIMEOUT_MS, retries: 0, waitMs: 0 });
  const oldestId = oldest?.id ?? '';
  const asked = questions(dataUnits, kma.held, oldestId);
  progress('warming up');
  await warmUp(manager, asked);
  const goals: Goal[] = [];
  for (const question of asked) {
    progress(question.name);
    goals.push(goalOf(await ask(manager, question)));
  }
  progress('reports');
  goals.push(...(await reportGoals(session, dataUnits, kma.pids)));
  progress('agents, with and without lists');
  manager.close();
  goals.push(await agentsBesideLists(kma, { session, rows: dataUnits, held: kma.held, oldestId }));
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
