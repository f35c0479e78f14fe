/** The agent call as a real agent does it (new TCP, mutual TLS with AES256-SHA and RSA 2048, CreateKey2, durable), beside servers that only shake hands and answer. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { rawCall } from '../test/support/soap.ts';
import type { BareOrder } from './bare-server.ts';
import { BenchKma } from './bench-kma.ts';
import { Callers, type Measured } from './callers.ts';
import { printTable } from './figures.ts';
import { freePort } from './free-port.ts';
import { printMachine } from './machine.ts';
import { type NewConnections, newConnections, OLD_CIPHER } from './new-connections.ts';
import { startNginx } from './nginx.ts';
import { inTurn, leastCpuMs, medianCpuMs, mostPerSecond, type Target } from './rounds.ts';
import { serverFiles } from './server-files.ts';

const CALLS = 1200;
const CALLERS = 16;
const REPEATS = 5;
const FULL: NewConnections = { kind: 'create', resumed: false, calls: CALLS, callers: CALLERS };
/** Keys for all rounds of both kinds of call. */
const POPULATION = {
  poolKeys: 2 * (REPEATS + 1) * CALLS + CALLS,
  agentKeys: 100,
  agents: 10,
  dataUnits: 100,
  associations: 100,
  auditRecords: 100_000,
};

const progress = (what: string) => void process.stderr.write(`${what} ...\n`);

export async function benchAgentCall(): Promise<void> {
  const cpus = availableParallelism();
  await using many = await BenchKma.make('many fronts', POPULATION, progress);
  await using one = await BenchKma.make('one front', POPULATION, progress);
  await many.start(cpus);
  await one.start(1);
  using callers = new Callers();
  const order = await yardstick(many);
  const bare = await startBare(order);
  const nginx = startNginx(many.kma.folder, order, await freePort());
  const fixed = (name: string, port: number, pids: () => number[]) =>
    fixedAnswer(name, port, pids, many, callers);
  const targets: Target<Measured>[] = [
    fixed('bare Node.js HTTPS', bare.port, () => [bare.process.pid ?? 0]),
    newConnections('KMA, one front', one, callers, FULL),
    newConnections(`KMA, a front for each of ${cpus} CPUs`, many, callers, FULL),
    newConnections('the same KMA, session resumed', many, callers, { ...FULL, resumed: true }),
    ...(nginx === null ? [] : [fixed('nginx', nginx.port, nginx.pids)]),
  ];
  const figures = await inTurn(targets, REPEATS);
  bare.process.kill();
  nginx?.stop();
  printMachine(many.kma.folder);
  print(figures);
  if (nginx === null) process.stdout.write('\nnginx is not installed here, so it has no row.\n');
}

/** The KMA's own certificate and key, and the bytes of one of its answers. */
async function yardstick(kma: BenchKma): Promise<BareOrder> {
  const request = kma.request('create', 0, 0, ['Connection: close']);
  const answer = await rawCall(kma.ports.agent, request, kma.identity());
  return { ...serverFiles(kma).server, ciphers: OLD_CIPHER, answer: answer.body.toString('utf8') };
}

function fixedAnswer(
  name: string,
  port: number,
  pids: () => number[],
  kma: BenchKma,
  callers: Callers,
): Target<Measured> {
  const request = kma.request('create', 0, 0, ['Connection: close']);
  const { calls, callers: count } = FULL;
  const order = { port, calls, callers: count, resumed: false, ciphers: OLD_CIPHER, request };
  const named = () => new Map(pids().map((pid) => [`process ${pid}`, pid] as const));
  return { name, measure: () => callers.fresh(name, { ...order, ...kma.identity() }, named) };
}

async function startBare(
  order: BareOrder,
): Promise<{ readonly process: ChildProcess; readonly port: number }> {
  const child = fork(fileURLToPath(new URL('./bare-server.ts', import.meta.url)));
  child.send(order);
  const [message] = (await once(child, 'message')) as [{ port: number }];
  return { process: child, port: message.port };
}

function print(figures: ReadonlyMap<string, readonly Measured[]>): void {
  const bare = leastCpuMs(figures.get('bare Node.js HTTPS') ?? []);
  const rows = [...figures].map(([name, own]) => [
    name,
    leastCpuMs(own).toFixed(3),
    medianCpuMs(own).toFixed(3),
    `${(leastCpuMs(own) / bare).toFixed(2)}x`,
    mostPerSecond(own).toFixed(0),
  ]);
  printTable(
    `CreateKey2, ${CALLS} calls of ${CALLERS} callers, new connection and full handshake each unless resumed (AES256-SHA, RSA 2048, TLS 1.2), ${REPEATS} repeats in turn after a warm-up`,
    ['server', 'CPU-ms per call, least', 'median', 'least to bare Node.js', 'calls/s, most'],
    rows,
  );
}
