/** Several replicators with cores in memory, on loopback addresses over real TLS, for tests. It knows no fault. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext } from 'node:test';
import { freePort } from '../../../test/support/free-port.ts';
import { until } from '../../../test/support/until.ts';
import { MemoryCore, TestCa } from './memory-core.fixture.ts';
import { Replicator } from './replicator.ts';

export const folder = mkdtempSync(join(tmpdir(), 'openkma-replicators-'));
after(() => rmSync(folder, { recursive: true, force: true }));
export const ca = await TestCa.make();
/** Longer than a loaded machine takes, so that what is told at the end has time to come. */
const DELIVER_MS = 60_000;
const HOSTS = ['127.0.1.1', '127.0.1.2', '127.0.1.3'];

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
        certificatePort: this.#port,
      },
      { onListening: listening.resolve, onFailure: listening.reject, deliverMs: DELIVER_MS },
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

export async function cluster(t: TestContext, size: number): Promise<Cluster> {
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
  for (const core of cores) for (const peer of cores) if (peer !== core) await connected(core, peer);
  return { kmas, cores, port };
}

async function connected(core: MemoryCore, peer: MemoryCore): Promise<void> {
  await until(`${core.name} is connected with ${peer.name}`, () =>
    core.told('peer').some((told) => told.connected && told.kmaId === peer.kmaId),
  );
}

export function pairOf<T>(list: readonly T[]): readonly [T, T, T] {
  const [a, b, c] = list;
  assert.ok(a !== undefined && b !== undefined);
  return [a, b, c ?? b];
}

export async function arrived(from: MemoryCore, to: MemoryCore): Promise<void> {
  const own = from.textsOf(from);
  await until(
    `${own.length} entries of ${from.name} at ${to.name}`,
    () => to.textsOf(from).length === own.length,
  );
  assert.deepEqual(to.textsOf(from), own);
}

export const objectOf = (id: string, text = id) => ({
  id,
  class: 'root-sealed' as const,
  kind: 'key',
  owner: 'x',
  epoch: '',
  bytes: Buffer.from(text),
});
export const newId = () => randomBytes(16).toString('hex').toUpperCase();
