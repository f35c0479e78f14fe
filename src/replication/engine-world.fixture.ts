/** KMAs of the replication tests: the real engine with files of its own, connected by streams in memory; their truth is a list, as a store would have it. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Duplex, duplexPair } from 'node:stream';
import type { VersionVector } from '../core/version-vector.ts';
import { logPublicKey } from '../security/log-signing.ts';
import { SecretBytes } from '../security/secret-bytes.ts';
import { HypercoreLogs } from './hypercore-logs.ts';
import { type ContractKma, type ContractWorld, type Taken, taker } from './replicated-logs.contract.ts';
import type { LogId } from './replicated-logs.ts';
import { type SecureStream, secure } from './secure-stream.ts';

export const PATIENCE_MS = 60_000;
const LOOK_MS = 10;

export class EngineKma implements ContractKma {
  readonly log: LogId;
  readonly directory = mkdtempSync(join(tmpdir(), 'openkma-logs-'));
  readonly conflicts: string[] = [];
  readonly broken: string[] = [];
  /** As if it had joined with a snapshot of these lengths. */
  base: VersionVector = {};
  readonly truth: Buffer[] = [];
  readonly #seed = randomBytes(32);
  #logs: HypercoreLogs | null = null;

  constructor() {
    const seed = new SecretBytes(Buffer.from(this.#seed));
    this.log = {
      incarnationId: randomBytes(8).toString('hex').toUpperCase(),
      publicKey: logPublicKey(seed),
    };
  }
  get logs(): HypercoreLogs {
    assert.ok(this.#logs !== null, 'it is open');
    return this.#logs;
  }
  async open(): Promise<this> {
    this.#logs = await HypercoreLogs.open({
      directory: join(this.directory, 'cache'),
      own: this.log,
      seed: this.#seed,
      truth: {
        length: this.truth.length,
        read: (afterSeq, limit) => Promise.resolve(this.truth.slice(afterSeq, afterSeq + limit)),
      },
      base: this.base,
      onConflict: (incarnationId) => this.conflicts.push(incarnationId),
      onBroken: (why) => this.broken.push(why),
      onPeerBroken: () => undefined,
    });
    return this;
  }
  async publish(): Promise<void> {
    const length = await this.logs.ownLength();
    await this.logs.append(length, this.truth.slice(length));
  }
  async write(...texts: string[]): Promise<void> {
    for (const text of texts) this.truth.push(Buffer.from(text));
    await this.publish();
  }
  async restart(cachedLength?: number): Promise<void> {
    await this.close();
    rmSync(join(this.directory, 'cache'), { recursive: true });
    if (cachedLength !== undefined) {
      const whole = this.truth.splice(cachedLength);
      await this.open();
      await this.close();
      this.truth.push(...whole);
    }
    await this.open();
  }
  async close(): Promise<void> {
    await this.#logs?.close();
    this.#logs = null;
  }
}

/** Both ends of a connection. */
export function pair(): [Duplex, Duplex] {
  const [a, b] = duplexPair();
  a.once('close', () => b.destroy());
  b.once('close', () => a.destroy());
  return [a, b];
}

export class EngineWorld implements ContractWorld {
  readonly #kmas: EngineKma[] = [];
  readonly #connections = new Map<string, readonly SecureStream[]>();

  async kma(): Promise<EngineKma> {
    const kma = await new EngineKma().open();
    this.#kmas.push(kma);
    return kma;
  }
  async connect(a: EngineKma, b: EngineKma): Promise<void> {
    const [atA, atB] = pair();
    const [toB, toA] = await Promise.all([
      secure(atA, true, a.logs.keyPair, PATIENCE_MS),
      secure(atB, false, b.logs.keyPair, PATIENCE_MS),
    ]);
    assert.equal(toB.replicationPublicKey, b.log.publicKey);
    assert.equal(toA.replicationPublicKey, a.log.publicKey);
    a.logs.attach(toB.stream, b.log);
    b.logs.attach(toA.stream, a.log);
    this.#connections.set(nameOf(a, b), [toB.stream, toA.stream]);
  }
  async disconnect(a: EngineKma, b: EngineKma): Promise<void> {
    const streams = this.#connections.get(nameOf(a, b)) ?? [];
    const gone = streams.map((stream) => new Promise((resolve) => stream.once('close', resolve)));
    for (const stream of streams) stream.destroy();
    await Promise.all(gone);
  }
  async until(holds: () => boolean): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    while (!holds()) {
      assert.ok(Date.now() < deadline, 'it holds in time');
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }
  async end(): Promise<void> {
    for (const kma of this.#kmas) {
      await kma.close();
      rmSync(kma.directory, { recursive: true });
    }
  }
}

function nameOf(a: EngineKma, b: EngineKma): string {
  return [a.log.incarnationId, b.log.incarnationId].sort().join();
}

/** Ended in any case. */
export async function inWorld(run: (world: EngineWorld) => Promise<void>): Promise<void> {
  const world = new EngineWorld();
  try {
    await run(world);
  } finally {
    await world.end();
  }
}

/** What `a` wrote reaches `b`; then `a` is put back to a copy and writes on otherwise, and one of the two has seen both. Gives what `b` has taken. */
export async function forkLog(world: EngineWorld, a: EngineKma, b: EngineKma): Promise<Taken> {
  await a.write('one');
  await a.close();
  cpSync(a.directory, `${a.directory}-copy`, { recursive: true });
  await a.open();
  await a.write('two', 'three');
  const atB = taker();
  b.logs.follow(a.log, 0, atB.onBlocks);
  await world.connect(a, b);
  await world.until(() => atB.texts.length === 3);
  await world.disconnect(a, b);
  await a.close();
  a.truth.splice(1);
  rmSync(a.directory, { recursive: true });
  renameSync(`${a.directory}-copy`, a.directory);
  await a.open();
  await a.write('other two', 'other three', 'other four');
  await world.connect(a, b);
  await world.until(() => b.conflicts.length > 0 || a.conflicts.length > 0);
  return atB;
}
