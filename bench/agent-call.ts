/** The agent call as a real agent does it (new TCP, full mutual TLS with AES256-SHA and RSA 2048, CreateKey2, durable), beside servers that only shake hands and answer. */
import { type ChildProcess, fork } from 'node:child_process';
import { constants, publicEncrypt, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeResponse, encodeRequest, isFault } from '@openkma/protocol';
import { readTlsKeyPem } from '../src/setup/local-identity.ts';
import { DataDirectory } from '../src/store/data-directory.ts';
import { TestKma } from '../test/support/kma.ts';
import { soapCall } from '../test/support/soap.ts';
import type { BareOrder } from './bare-server.ts';
import { cpuMs } from './cpu.ts';
import type { LoadOrder, LoadResult } from './load.ts';
import { startNginx } from './nginx.ts';

const CIPHER = 'AES256-SHA:@SECLEVEL=0';
const CALLS = 1200;
const CALLERS = 16;
const REPEATS = 3;
const POOL_KEYS = 6000;

interface Figure {
  readonly name: string;
  readonly cpuMsPerCall: number;
  readonly callsPerSecond: number;
}

const path = (file: string) => fileURLToPath(new URL(file, import.meta.url));

export async function benchAgentCall(): Promise<void> {
  process.stderr.write('setting up two KMAs with pools of keys ...\n');
  const cpus = availableParallelism();
  await using many = await preparedKma(cpus);
  await using one = await preparedKma(1);
  const yardstick: BareOrder = { ...many.files.server, ciphers: CIPHER, answer: many.answer };
  const bare = await startBare(yardstick);
  const nginx = startNginx(many.kma.folder, yardstick, await freePort());
  const load = fork(path('./load.ts'));
  const order = (port: number, { files, request }: PreparedKma): LoadOrder => ({
    port,
    calls: CALLS,
    callers: CALLERS,
    ...files.client,
    ciphers: CIPHER,
    request,
  });
  const measureKma = (prepared: PreparedKma, name: string) =>
    measure(name, load, order(prepared.kma.ports.agent, prepared), () => [
      ...prepared.kma.kma.pids().values(),
    ]);
  const rounds: (() => Promise<Figure> | null)[] = [
    () => measure('bare Node.js HTTPS', load, order(bare.port, many), () => [bare.process.pid ?? 0]),
    () => measureKma(one, 'KMA, one front'),
    () => measureKma(many, `KMA, a front for each of ${cpus} CPUs`),
    () => (nginx === null ? null : measure('nginx', load, order(nginx.port, many), () => nginx.pids())),
  ];
  const figures: Figure[] = [];
  for (let repeat = 0; repeat < REPEATS; repeat += 1)
    for (const round of rounds) {
      const figure = await round();
      if (figure !== null) figures.push(figure);
    }
  load.kill();
  bare.process.kill();
  nginx?.stop();
  print(figures);
}

interface PreparedKma extends AsyncDisposable {
  readonly kma: TestKma;
  readonly files: CertificateFiles;
  readonly request: string;
  readonly answer: string;
}

async function preparedKma(fronts: number): Promise<PreparedKma> {
  const kma = await TestKma.start({ fronts, answers: { keyPoolSize: POOL_KEYS } });
  const agent = await kma.agent('bench-agent');
  agent.close();
  const files = certificateFiles(kma);
  const { request, answer } = await createKeyRequest(kma, files);
  return { kma, files, request, answer, [Symbol.asyncDispose]: () => kma[Symbol.asyncDispose]() };
}

interface CertificateFiles {
  readonly client: { readonly keyFile: string; readonly certificateFile: string; readonly caFile: string };
  readonly server: { readonly keyFile: string; readonly certificateFile: string; readonly caFile: string };
}

function certificateFiles(kma: TestKma): CertificateFiles {
  const profile = kma.profile('bench-agent');
  const caFile = join(profile, 'ca.pem');
  const keyFile = join(kma.folder, 'server.key');
  const certificateFile = join(kma.folder, 'server.pem');
  writeFileSync(keyFile, readTlsKeyPem(DataDirectory.open(kma.data)), { mode: 0o600 });
  writeFileSync(certificateFile, kma.serverCertificatePem());
  return {
    client: { keyFile: join(profile, 'agent.key'), certificateFile: join(profile, 'agent.pem'), caFile },
    server: { keyFile, certificateFile, caFile },
  };
}

/** Registers a key wrapping key, makes one call, and gives the request's bytes with the answer's. */
async function createKeyRequest(
  kma: TestKma,
  files: CertificateFiles,
): Promise<{ request: string; answer: string }> {
  const identity = {
    key: readFileSync(files.client.keyFile),
    cert: readFileSync(files.client.certificateFile),
    ca: readFileSync(files.client.caFile),
  };
  const call = (body: string) => soapCall({ port: kma.ports.agent, body, identity });
  const publicKey = decodeResponse(
    'agent',
    'GetAgentKWKPublicKey',
    (await call(encodeRequest('agent', 'GetAgentKWKPublicKey', {}))).body,
  );
  if (isFault(publicKey)) throw new Error(publicKey.text);
  const agentKwk = publicEncrypt(
    { key: Buffer.from(publicKey.kwkPublicKey), padding: constants.RSA_PKCS1_PADDING },
    randomBytes(32),
  );
  const registered = decodeResponse(
    'agent',
    'RegisterAgentKWK',
    (await call(encodeRequest('agent', 'RegisterAgentKWK', { agentKwk }))).body,
  );
  if (isFault(registered)) throw new Error(registered.text);
  const dataUnit = {
    dataUnitId: '',
    externalUniqueId: '',
    externalTag: '',
    description: '',
    state: 'DATA-UNIT-STATE-NO-KEY',
  } as const;
  const body = encodeRequest('agent', 'CreateKey2', {
    dataUnit,
    keyGroupId: '',
    agentKwkId: registered.agentKwkId,
  });
  const answer = (await call(body)).body.toString('utf8');
  const request = `POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/xml; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\nSOAPAction: ""\r\n\r\n${body}`;
  return { request, answer };
}

async function startBare(
  order: BareOrder,
): Promise<{ readonly process: ChildProcess; readonly port: number }> {
  const child = fork(path('./bare-server.ts'));
  child.send(order);
  const [message] = (await once(child, 'message')) as [{ port: number }];
  return { process: child, port: message.port };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function measure(
  name: string,
  load: ChildProcess,
  order: LoadOrder,
  pids: () => number[],
): Promise<Figure> {
  const servers = pids();
  const each = servers.map((pid) => cpuMs([pid]));
  const before = cpuMs(servers);
  load.send(order);
  const [result] = (await once(load, 'message')) as [LoadResult];
  if (result.failures > 0)
    throw new Error(
      `${name}: ${result.failures} of ${order.calls} calls failed, the first with: ${result.firstFailure}`,
    );
  const figure = {
    name,
    cpuMsPerCall: (cpuMs(servers) - before) / order.calls,
    callsPerSecond: order.calls / result.seconds,
  };
  const shares = servers.map((pid, i) => ((cpuMs([pid]) - (each[i] ?? 0)) / order.calls).toFixed(2));
  process.stderr.write(
    `${name}: ${figure.cpuMsPerCall.toFixed(3)} CPU-ms per call, ${figure.callsPerSecond.toFixed(0)} calls/s (by process: ${shares.join(' ')})\n`,
  );
  return figure;
}

/** The least of each, because other load only adds. */
function print(figures: readonly Figure[]): void {
  const names = [...new Set(figures.map(({ name }) => name))];
  const best = names.map((name) => {
    const own = figures.filter((figure) => figure.name === name);
    return {
      name,
      cpu: Math.min(...own.map((f) => f.cpuMsPerCall)),
      rate: Math.max(...own.map((f) => f.callsPerSecond)),
    };
  });
  const bare = best.find(({ name }) => name.startsWith('bare'))?.cpu ?? 1;
  process.stdout.write(
    `\nCreateKey2, ${CALLS} calls of ${CALLERS} callers, new connection and full handshake each (AES256-SHA, RSA 2048, TLS 1.2), best of ${REPEATS}\n\n`,
  );
  process.stdout.write('| server | CPU-ms per call | to bare Node.js | calls/s |\n|---|---|---|---|\n');
  for (const { name, cpu, rate } of best)
    process.stdout.write(
      `| ${name} | ${cpu.toFixed(3)} | ${(cpu / bare).toFixed(2)}x | ${rate.toFixed(0)} |\n`,
    );
}
