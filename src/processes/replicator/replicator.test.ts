/** Replicators of several KMAs on loopback addresses, over real TLS, with cores that keep logs in memory. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { connect } from 'node:tls';
import { until } from '../../../test/support/until.ts';
import { clientOptions } from '../../replication/tls.ts';
import { MemoryCore, TestCa } from './memory-core.fixture.ts';
import { Replicator } from './replicator.ts';

const folder = mkdtempSync(join(tmpdir(), 'openkma-replicators-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const ca = await TestCa.make();
const HOSTS = ['127.0.1.1', '127.0.1.2', '127.0.1.3'];

/** Every KMA of a cluster has the same port. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

class Kma {
  readonly core: MemoryCore;
  readonly #port: number;
  #replicator: Replicator | null = null;

  constructor(core: MemoryCore, port: number) {
    this.core = core;
    this.#port = port;
  }
  async start(): Promise<this> {
    const { socketPath, cacheDirectory, address } = this.core;
    const listening = Promise.withResolvers<void>();
    this.#replicator = new Replicator(
      {
        t: 'start',
        replicatorSocketPath: socketPath,
        cacheDirectory,
        listens: [{ service: 'replication', host: address, port: this.#port }],
      },
      { onListening: listening.resolve, onFailure: listening.reject },
    );
    await listening.promise;
    return this;
  }
  async stop(): Promise<void> {
    await this.#replicator?.close();
    this.#replicator = null;
  }
}

interface Cluster {
  readonly kmas: readonly Kma[];
  readonly cores: readonly MemoryCore[];
  readonly port: number;
}

async function cluster(t: TestContext, size: number): Promise<Cluster> {
  const place = mkdtempSync(join(folder, 'c-'));
  const port = await freePort();
  const cores = await Promise.all(
    HOSTS.slice(0, size).map(
      async (address, rank) =>
        new MemoryCore(place, { rank, address, credentials: await ca.issue('kma', `kma-${rank}`) }),
    ),
  );
  for (const core of cores) core.setMembers(cores.map(({ member }) => member));
  const kmas = cores.map((core) => new Kma(core, port));
  t.after(async () => {
    await Promise.all(kmas.map((kma) => kma.stop()));
    for (const core of cores) core.close();
  });
  await Promise.all(kmas.map((kma) => kma.start()));
  return { kmas, cores, port };
}

function pairOf<T>(list: readonly T[]): readonly [T, T, T] {
  const [a, b, c] = list;
  assert.ok(a !== undefined && b !== undefined);
  return [a, b, c ?? b];
}

async function arrived(from: MemoryCore, to: MemoryCore): Promise<void> {
  const own = from.textsOf(from);
  await until(
    `${own.length} entries of ${from.name} at ${to.name}`,
    () => to.textsOf(from).length === own.length,
  );
  assert.deepEqual(to.textsOf(from), own);
}

const objectOf = (id: string, text = id) => ({
  id,
  class: 'root-sealed' as const,
  kind: 'key',
  owner: 'x',
  epoch: '',
  bytes: Buffer.from(text),
});
const newId = () => randomBytes(16).toString('hex').toUpperCase();

test('entries arrive at all members in order, what was there before and what comes later, and are confirmed', async (t) => {
  const { cores } = await cluster(t, 3);
  const [a, b, c] = pairOf(cores);
  a.write(...Array.from({ length: 200 }, (_, index) => `a${index}`));
  b.write('b1', 'b2');
  for (const to of [b, c]) await arrived(a, to);
  for (const to of [a, c]) await arrived(b, to);
  c.write('c1');
  await arrived(c, a);
  await until('a hears that the others have folded its log', () =>
    [b, c].every((peer) =>
      a
        .told('peer')
        .some(
          ({ incarnationId, holds, connected }) =>
            incarnationId === peer.incarnationId && connected && holds[a.incarnationId] === 200,
        ),
    ),
  );
  await until('health and time of an answer are told', () =>
    a.told('peer').some(({ health, responseMs }) => health !== null && responseMs !== null),
  );
});

test('sealed objects come from whoever has them, more than fit into one answer too', async (t) => {
  const { cores } = await cluster(t, 3);
  const [a, b, c] = pairOf(cores);
  const ids = Array.from({ length: 600 }, newId);
  for (const [index, id] of ids.entries()) (index % 2 === 0 ? a : b).objects.set(id, objectOf(id));
  c.miss(...ids);
  await until('all objects at c', () => c.missing.size === 0);
  for (const id of ids) assert.equal(Buffer.from(c.objects.get(id)?.bytes ?? []).toString(), id);
});

test('a replicator that starts again, one without its cache, and a core that was replaced go on where they were', async (t) => {
  const { kmas, cores } = await cluster(t, 2);
  const [a, b] = pairOf(cores);
  const [kmaA, kmaB] = pairOf(kmas);
  a.write('1', '2');
  await arrived(a, b);
  await kmaB.stop();
  a.write('3');
  await kmaB.start();
  await arrived(a, b);
  await kmaA.stop();
  rmSync(a.cacheDirectory, { recursive: true });
  a.write('4');
  await kmaA.start();
  await arrived(a, b);
  a.hangUp();
  b.hangUp();
  a.write('5');
  b.write('b1');
  await arrived(a, b);
  await arrived(b, a);
  b.catchUp();
  await until('b has caught up', () => b.told('caught-up').length === 1);
});

test('a removed member is cut off at once, gets nothing more, and is reported', async (t) => {
  const { cores } = await cluster(t, 3);
  const [a, b, c] = pairOf(cores);
  a.write('1');
  for (const to of [b, c]) await arrived(a, to);
  const left = [a.member, b.member];
  for (const core of [a, b]) core.setMembers(left);
  await until('c is refused', () =>
    a.told('refused').some(({ keySha256 }) => keySha256 === c.credentials.keySha256),
  );
  a.write('2');
  await arrived(a, b);
  assert.deepEqual(c.textsOf(a), ['1']);
});

/** What the port says to this certificate: closed before a byte comes. */
async function knock(
  port: number,
  host: string,
  credentials: Awaited<ReturnType<TestCa['issue']>>,
  alpn: string,
) {
  const socket = connect({ ...clientOptions(credentials, alpn), host, port });
  const bytes: Buffer[] = [];
  socket.on('data', (data) => bytes.push(data)).on('error', () => undefined);
  socket.write('x');
  await once(socket, 'close');
  assert.equal(Buffer.concat(bytes).length, 0);
}

test('certificates of agents and users, foreign ones and none are refused and reported', async (t) => {
  const { cores, port } = await cluster(t, 2);
  const [a] = pairOf(cores);
  const stranger = await (await TestCa.make()).issue('kma', 'stranger');
  for (const kind of ['agent', 'user'] as const) {
    const credentials = await ca.issue(kind, kind);
    await knock(port, a.address, credentials, 'openkma/1');
    await until(`the ${kind} is reported`, () =>
      a
        .told('refused')
        .some(({ keySha256, reason }) => keySha256 === credentials.keySha256 && /no member/.test(reason)),
    );
  }
  await knock(port, a.address, { ...stranger, caPem: ca.pem }, 'openkma/1');
  await until('the stranger is reported', () =>
    a.told('refused').some(({ reason }) => /no certificate of this cluster/.test(reason)),
  );
});

test('a member that writes garbage into its log is left alone and reported, and the others go on', async (t) => {
  const { cores } = await cluster(t, 3);
  const [a, b, c] = pairOf(cores);
  for (const core of [a, b])
    core.stalls = (block) => (Buffer.from(block).includes('garbage') ? 'no entry' : null);
  c.write('sound', 'garbage');
  for (const core of [a, b])
    await until(`${core.name} leaves c alone`, () =>
      core.told('refused').some(({ reason }) => /kma-2 is left alone for \d+ s: no entry/.test(reason)),
    );
  assert.deepEqual(a.textsOf(c), ['sound']);
  a.write('1');
  b.write('2');
  await arrived(a, b);
  await arrived(b, a);
});

test('an entry that is too long never reaches the core, and its writer is left alone', async (t) => {
  const { cores } = await cluster(t, 2);
  const [a, b] = pairOf(cores);
  b.logs.get(b.incarnationId)?.push(Buffer.from('sound'));
  b.write(Buffer.alloc(1024 * 1024 + 1, 7));
  await until('b is left alone', () =>
    a.told('refused').some(({ reason }) => /left alone for \d+ s: an entry of 1048577 bytes/.test(reason)),
  );
  assert.deepEqual(a.textsOf(b), ['sound']);
});

test('a member that gives other objects than it names is left alone', async (t) => {
  const { cores } = await cluster(t, 2);
  const [a, b] = pairOf(cores);
  const id = newId();
  b.objects.set(id, objectOf(id, ''));
  a.miss(id);
  await until('b is left alone', () =>
    a.told('refused').some(({ reason }) => /left alone for \d+ s: 1 objects/.test(reason)),
  );
  assert.equal(a.objects.size, 0);
});
