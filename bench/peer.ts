/** OpenKMA beside PyKMIP in one run: a new AES-256 key, and one that exists, over mutual TLS. Servers' processor time only, since the clients are of different languages. */
import type { BenchKma } from './bench-kma.ts';
import type { Callers, Measured } from './callers.ts';
import { atLeast, type Goal, printTable } from './figures.ts';
import { freePort } from './free-port.ts';
import { newConnections, OLD_CIPHER } from './new-connections.ts';
import { type KmipFiles, PyKmip, unpackPyKmip } from './pykmip.ts';
import { inTurn, leastCpuMs, medianCpuMs, type Target } from './rounds.ts';
import { serverFiles } from './server-files.ts';

const ROUNDS = 4;
const CALLS = { new: 150, kept: 600 } as const;
const GOALS = { new: 4, kept: 10 } as const;
type Way = keyof typeof CALLS;
const WAYS: readonly Way[] = ['new', 'kept'];
const KINDS = ['create', 'get'] as const;

const SAME =
  'both: one caller, one call after the other, TLS 1.2 with RSA key transport, RSA 2048 certificates of one CA on both sides, AES-256 keys, SQLite on the same disk. ' +
  'OpenKMA besides seals keys at rest, wraps them for the agent, records every call in a hash-chained audit log, synced before the answer, and counts all its processes. PyKMIP keeps keys in plain text and logs errors only';

export async function besidePyKmip(callers: Callers, kma: BenchKma): Promise<readonly Goal[]> {
  const environment = unpackPyKmip(kma.kma.folder);
  if ('missing' in environment && typeof environment.missing === 'string')
    return notMeasured(environment.missing);
  using kmip = await PyKmip.start(
    environment as NodeJS.ProcessEnv,
    kma.kma.folder,
    filesOf(kma),
    await freePort(),
  );
  const targets = WAYS.flatMap((way) =>
    KINDS.flatMap((kind) => [kmipTarget(kmip, way, kind), kmaTarget(callers, kma, way, kind)]),
  );
  const figures = await inTurn(targets, ROUNDS);
  printTable(
    `Beside PyKMIP (${kmip.tls}; OpenKMA TLSv1.2 AES256-SHA), ${ROUNDS} rounds in turn; ${SAME}`,
    ['server and call', 'CPU-ms per call, least', 'median', 'calls/s, last round'],
    [...figures].map(([name, own]) => [
      name,
      leastCpuMs(own).toFixed(3),
      medianCpuMs(own).toFixed(3),
      own.at(-1)?.callsPerSecond.toFixed(0) ?? '',
    ]),
  );
  return WAYS.map((way) => goalOf(way, figures));
}

function notMeasured(why: string): Goal[] {
  process.stderr.write(`no PyKMIP here (${why}): the comparison is left out\n`);
  return WAYS.map((way) => ({
    name: `PyKMIP to OpenKMA, ${way} connection`,
    measured: `not measured: ${why}`,
    goal: `at least ${GOALS[way]} x`,
    met: false,
  }));
}

function filesOf(kma: BenchKma): KmipFiles {
  const { server, client } = serverFiles(kma);
  return {
    server: { key: server.keyFile, cert: server.certificateFile },
    client: { key: client.keyFile, cert: client.certificateFile },
    ca: server.caFile,
  };
}

const nameOf = (server: string, way: Way, kind: (typeof KINDS)[number]) =>
  `${server}, ${kind}, ${way === 'new' ? 'new connection each' : 'kept alive'}`;

function kmipTarget(kmip: PyKmip, way: Way, kind: (typeof KINDS)[number]): Target<Measured> {
  const order = { kind, kept: way === 'kept', calls: CALLS[way] };
  return { name: nameOf('PyKMIP', way, kind), measure: () => kmip.calls(order) };
}

function kmaTarget(
  callers: Callers,
  kma: BenchKma,
  way: Way,
  kind: (typeof KINDS)[number],
): Target<Measured> {
  const name = nameOf('OpenKMA', way, kind);
  const asked = kind === 'create' ? 'create' : 'retrieve';
  const calls = CALLS[way];
  if (way === 'new')
    return newConnections(name, kma, callers, { kind: asked, resumed: false, calls, callers: 1 });
  const tls = { ciphers: OLD_CIPHER, maxVersion: 'TLSv1.2' } as const;
  const order = { port: kma.ports.agent, callers: kma.callers(1, asked), calls, tls };
  return {
    name,
    async measure() {
      if (kind === 'create') await kma.keepReady(calls);
      return callers.kept(name, order, kma.pids);
    },
  };
}

/** Of a key made and fetched once. */
function goalOf(way: Way, figures: ReadonlyMap<string, readonly Measured[]>): Goal {
  const pair = (server: string) =>
    KINDS.reduce((sum, kind) => sum + leastCpuMs(figures.get(nameOf(server, way, kind)) ?? []), 0);
  const name = `PyKMIP's CPU time to OpenKMA's, create and get, ${way === 'new' ? 'new connection each' : 'kept alive'}`;
  return atLeast(name, pair('PyKMIP') / pair('OpenKMA'), GOALS[way], 'x', 1);
}
