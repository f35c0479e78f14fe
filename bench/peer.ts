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
/** One alone, and as many as the rates of kept-alive calls are measured with. */
const CALLERS = [1, 32] as const;
const KINDS = ['create', 'get'] as const;
/** Calls of a round, those of one caller and PyKMIP's; many callers make more of OpenKMA, so that its rounds last seconds too. */
const WAYS = {
  'new connection each': { kept: false, resumed: false, calls: { few: 320, many: 1_600 }, goal: 4 },
  // PyKMIP resumes no session, so beside it stand its calls with a full handshake.
  'new connection each, session resumed': {
    kept: false,
    resumed: true,
    calls: { few: 320, many: 1_600 },
    goal: 4,
  },
  'kept alive': { kept: true, resumed: false, calls: { few: 800, many: 6_400 }, goal: 10 },
} as const;
type Way = keyof typeof WAYS;

/** One comparison: how callers connect, and how many call at once. */
interface Setting {
  readonly way: Way;
  readonly callers: (typeof CALLERS)[number];
}
type Kind = (typeof KINDS)[number];
const SETTINGS: readonly Setting[] = CALLERS.flatMap((callers) =>
  (Object.keys(WAYS) as Way[]).map((way) => ({ way, callers })),
);
/** Where PyKMIP has nothing of the kind, what it is compared with. */
const asPyKmip = ({ way, callers }: Setting): Setting => ({
  way: WAYS[way].resumed ? 'new connection each' : way,
  callers,
});

const SAME =
  'both: TLS 1.2 with RSA key transport, RSA 2048 certificates of one CA on both sides, AES-256 keys, SQLite on the same disk. ' +
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
  const targets = SETTINGS.flatMap((setting) =>
    KINDS.flatMap((kind) => [
      ...(WAYS[setting.way].resumed ? [] : [kmipTarget(kmip, setting, kind)]),
      kmaTarget(callers, kma, setting, kind),
    ]),
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
  return SETTINGS.map((setting) => goalOf(setting, figures));
}

function notMeasured(why: string): Goal[] {
  process.stderr.write(`no PyKMIP here (${why}): the comparison is left out\n`);
  return SETTINGS.map(({ way, callers }) => ({
    name: `PyKMIP to OpenKMA, ${way}, ${callersText(callers)}`,
    measured: `not measured: ${why}`,
    goal: `at least ${WAYS[way].goal} x`,
    met: false,
  }));
}

const callersText = (callers: number) => `${callers} caller${callers === 1 ? '' : 's'}`;

function filesOf(kma: BenchKma): KmipFiles {
  const { server, client } = serverFiles(kma);
  return {
    server: { key: server.keyFile, cert: server.certificateFile },
    client: { key: client.keyFile, cert: client.certificateFile },
    ca: server.caFile,
  };
}

const nameOf = (server: string, { way, callers }: Setting, kind: Kind) =>
  `${server}, ${kind}, ${way}, ${callersText(callers)}`;

function kmipTarget(kmip: PyKmip, setting: Setting, kind: Kind): Target<Measured> {
  const { kept, calls } = WAYS[setting.way];
  const order = { kind, kept, calls: calls.few, callers: setting.callers };
  return { name: nameOf('PyKMIP', setting, kind), measure: () => kmip.calls(order) };
}

function kmaTarget(callers: Callers, kma: BenchKma, setting: Setting, kind: Kind): Target<Measured> {
  const name = nameOf('OpenKMA', setting, kind);
  const asked = kind === 'create' ? 'create' : 'retrieve';
  const { kept, resumed } = WAYS[setting.way];
  const count = setting.callers;
  const calls = WAYS[setting.way].calls[count === 1 ? 'few' : 'many'];
  if (!kept) return newConnections(name, kma, callers, { kind: asked, resumed, calls, callers: count });
  const tls = { ciphers: OLD_CIPHER, maxVersion: 'TLSv1.2' } as const;
  const order = { port: kma.ports.agent, callers: kma.callers(count, asked), calls, tls };
  return {
    name,
    async measure() {
      await kma.settle(calls);
      return callers.kept(name, order, kma.pids);
    },
  };
}

/** Of a key made and fetched once. */
function goalOf(setting: Setting, figures: ReadonlyMap<string, readonly Measured[]>): Goal {
  const pair = (server: string, of: Setting) =>
    KINDS.reduce((sum, kind) => sum + leastCpuMs(figures.get(nameOf(server, of, kind)) ?? []), 0);
  const { way, callers } = setting;
  const name = `PyKMIP's CPU time to OpenKMA's, create and get, ${way}, ${callersText(callers)}`;
  return atLeast(name, pair('PyKMIP', asPyKmip(setting)) / pair('OpenKMA', setting), WAYS[way].goal, 'x', 1);
}
