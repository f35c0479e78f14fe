/** The engine fulfils the contract of the replicated logs, over streams in memory and files on disk. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { test } from 'node:test';
import { logPublicKey } from '../security/log-signing.ts';
import { SecretBytes } from '../security/secret-bytes.ts';
import { HypercoreLogs } from './hypercore-logs.ts';
import {
  type ContractKma,
  type ContractWorld,
  contractOfReplicatedLogs,
  taker,
} from './replicated-logs.contract.ts';
import type { LogId } from './replicated-logs.ts';
import { type SecureStream, secure } from './secure-stream.ts';

const PATIENCE_MS = 60_000;
const LOOK_MS = 10;

class EngineKma implements ContractKma {
  readonly log: LogId;
  readonly directory = mkdtempSync(join(tmpdir(), 'openkma-logs-'));
  readonly conflicts: string[] = [];
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
        read: (seq) => Promise.resolve(this.truth[seq - 1] ?? Buffer.alloc(0)),
      },
      onConflict: (incarnationId) => this.conflicts.push(incarnationId),
    });
    await this.publish();
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
function pair(): [Duplex, Duplex] {
  const end = (other: () => Duplex): Duplex =>
    new Duplex({
      read() {},
      write(chunk: Buffer, _encoding, done) {
        other().push(chunk);
        done();
      },
      final(done) {
        other().push(null);
        done();
      },
      destroy(error, done) {
        queueMicrotask(() => other().destroy());
        done(error);
      },
    });
  const a: Duplex = end(() => b);
  const b: Duplex = end(() => a);
  return [a, b];
}

class EngineWorld implements ContractWorld {
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
    assert.equal(toB.logPublicKey, b.log.publicKey);
    assert.equal(toA.logPublicKey, a.log.publicKey);
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

contractOfReplicatedLogs('engine', () => Promise.resolve(new EngineWorld()));

async function inWorld(run: (world: EngineWorld) => Promise<void>): Promise<void> {
  const world = new EngineWorld();
  try {
    await run(world);
  } finally {
    await world.end();
  }
}

test('a cache whose files are damaged is made anew', () =>
  inWorld(async (world) => {
    const a = await world.kma();
    await a.write('one', 'two');
    await a.close();
    const cache = join(a.directory, 'cache', 'db');
    for (const file of readdirSync(cache)) writeFileSync(join(cache, file), 'no database');
    await a.open();
    assert.equal(await a.logs.ownLength(), 2);
  }));

test('a cache that is longer than the log, or has other bytes, is made anew', () =>
  inWorld(async (world) => {
    const a = await world.kma();
    await a.write('one', 'two', 'three');
    await a.close();
    a.truth.pop();
    await a.open();
    assert.equal(await a.logs.ownLength(), 2);
    await a.close();
    a.truth[1] = Buffer.from('another');
    await a.open();
    const b = await world.kma();
    const taken = taker();
    b.logs.follow(a.log, 0, taken.onBlocks);
    await world.connect(a, b);
    await world.until(() => taken.texts.length === 2);
    assert.deepEqual(taken.texts, ['one', 'another']);
  }));

test('two logs of one key are told, and nothing else breaks', () =>
  inWorld(async (world) => {
    const [a, b, c] = [await world.kma(), await world.kma(), await world.kma()];
    await a.write('one');
    await a.close();
    cpSync(a.directory, `${a.directory}-copy`, { recursive: true });
    await a.open();
    await a.write('two', 'three');
    const taken = taker();
    b.logs.follow(a.log, 0, taken.onBlocks);
    await world.connect(a, b);
    await world.until(() => taken.texts.length === 3);
    await world.disconnect(a, b);
    await a.close();
    a.truth.splice(1);
    rmSync(a.directory, { recursive: true });
    cpSync(`${a.directory}-copy`, a.directory, { recursive: true });
    rmSync(`${a.directory}-copy`, { recursive: true });
    await a.open();
    await a.write('other two', 'other three', 'other four');
    await world.connect(a, b);
    await world.until(() => b.conflicts.length > 0 || a.conflicts.length > 0);
    const fromC = taker();
    b.logs.follow(c.log, 0, fromC.onBlocks);
    await world.connect(b, c);
    await c.write('after');
    await world.until(() => fromC.texts.length === 1);
    assert.deepEqual(taken.texts, ['one', 'two', 'three']);
  }));
