/** The engine fulfils the contract of the replicated logs, over streams in memory and files on disk. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Duplex, duplexPair } from 'node:stream';
import { test } from 'node:test';
import { z } from 'zod';
import { logPublicKey } from '../security/log-signing.ts';
import { SecretBytes } from '../security/secret-bytes.ts';
import { HypercoreLogs } from './hypercore-logs.ts';
import { logKeyPair } from './log-keys.ts';
import { PeerChannel } from './peer-channel.ts';
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
  readonly broken: string[] = [];
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
      onConflict: (incarnationId) => this.conflicts.push(incarnationId),
      onBroken: (why) => this.broken.push(why),
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
function pair(): [Duplex, Duplex] {
  const [a, b] = duplexPair();
  a.once('close', () => b.destroy());
  b.once('close', () => a.destroy());
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
    assert.deepEqual([a.broken, b.broken], [[], []]);
  }));

test('a cache that has lost its tail has it back before anybody is connected', () =>
  inWorld(async (world) => {
    const a = await world.kma();
    await a.write(...Array.from({ length: 150 }, (_, i) => `entry ${i + 1}`));
    await a.restart(20);
    assert.equal(await a.logs.ownLength(), 150);
  }));

test('an own log that a peer has longer is taken for one, and nothing is written behind it', () =>
  inWorld(async (world) => {
    const [a, b] = [await world.kma(), await world.kma()];
    await a.write('one', 'two', 'three');
    const taken = taker();
    b.logs.follow(a.log, 0, taken.onBlocks);
    await world.connect(a, b);
    await world.until(() => taken.texts.length === 3);
    await world.disconnect(a, b);
    a.truth.splice(1);
    await a.restart();
    assert.equal(a.logs.ownLengthElsewhere(), 0);
    await world.connect(a, b);
    await world.until(() => a.logs.ownLengthElsewhere() > 3);
    const texts = ['another two', 'another three'].map((text) => Buffer.from(text));
    await assert.rejects(a.logs.append(1, texts));
    await assert.rejects(a.logs.append(3, texts));
    assert.deepEqual([a.broken, a.conflicts, b.conflicts], [[], [], []]);
  }));

test('what lies before the position to follow from is not even fetched', () =>
  inWorld(async (world) => {
    const [a, b, c] = [await world.kma(), await world.kma(), await world.kma()];
    await a.write(...Array.from({ length: 10 }, (_, i) => `entry ${i + 1}`));
    const atB = taker(7);
    b.logs.follow(a.log, 7, atB.onBlocks);
    await world.connect(a, b);
    await world.until(() => atB.texts.length === 3);
    await world.disconnect(a, b);
    const atC = taker(7);
    c.logs.follow(a.log, 7, atC.onBlocks);
    await world.connect(b, c);
    await world.until(() => atC.texts.length === 3);
    c.logs.unfollow(a.log.incarnationId);
    const whole = taker();
    c.logs.follow(a.log, 0, whole.onBlocks);
    await c.logs.catchUp(200);
    assert.deepEqual(whole.texts, []);
  }));

/** Before what the stream enciphers. */
const LENGTH_64 = Buffer.from([64, 0, 0]);

const GARBAGE: readonly [string, (stream: SecureStream, wire: Duplex) => void][] = [
  [
    'bytes that nobody enciphered',
    (_stream, wire) => wire.write(Buffer.concat([LENGTH_64, randomBytes(64)])),
  ],
  ['a frame that breaks off', (stream) => stream.write(Buffer.from([0, 1, 5]))],
  [
    'a message of another kind',
    (stream) => stray(stream, Buffer.from(JSON.stringify({ t: 'confirm', applied: { x: -1 }, holds: {} }))),
  ],
  ['a message that is none', (stream) => stray(stream, Buffer.from('{'))],
  ['a message that is too large', (stream) => stray(stream, Buffer.alloc(600 * 1024, 0x20))],
];

function stray(stream: SecureStream, bytes: Buffer): void {
  const channel = new PeerChannel<{ bytes?: Buffer }>(stream, {
    protocol: 'openkma-logs/1',
    schema: z.object({}),
    maxBytes: 1024 * 1024,
    encode: () => bytes,
    decode: () => ({}),
    onOpen: () => channel.send({}),
    onMessage: () => undefined,
    onClose: () => undefined,
  });
}

/** Somebody with a log of his own, admitted by `kma`, at whose end the test sits. */
async function oddPeer(kma: EngineKma): Promise<{ readonly stream: SecureStream; readonly wire: Duplex }> {
  const [near, wire] = pair();
  const seed = randomBytes(32);
  const publicKey = logPublicKey(new SecretBytes(Buffer.from(seed)));
  const [atKma, { stream }] = await Promise.all([
    secure(near, true, kma.logs.keyPair, PATIENCE_MS),
    secure(wire, false, logKeyPair(seed, publicKey), PATIENCE_MS),
  ]);
  kma.logs.attach(atKma.stream, { incarnationId: '0123456789ABCDEF' });
  return { stream, wire };
}

for (const [what, send] of GARBAGE)
  test(`${what} cost a peer its connection, and others nothing`, () =>
    inWorld(async (world) => {
      const [a, b] = [await world.kma(), await world.kma()];
      await world.connect(a, b);
      const { stream, wire } = await oddPeer(a);
      assert.equal(a.logs.peers().length, 2);
      send(stream, wire);
      await world.until(() => a.logs.peers().length === 1);
      const taken = taker();
      b.logs.follow(a.log, 0, taken.onBlocks);
      await a.write('after');
      await world.until(() => taken.texts.length === 1);
      assert.deepEqual(a.broken, []);
    }));

test('a peer that goes on asking and reads nothing loses its connection', () =>
  inWorld(async (world) => {
    const a = await world.kma();
    const { stream, wire } = await oddPeer(a);
    wire.pause();
    const applied = Object.fromEntries(
      Array.from({ length: 4_000 }, (_, i) => [i.toString(16).toUpperCase().padStart(16, '0'), 1]),
    );
    a.logs.confirm({ applied, holds: {} });
    // To a channel that nobody has opened, which is no mistake.
    const asking = Buffer.alloc(64 * 1024, 100);
    for (let asked = 0; asked < 5 * 1024 * 1024; asked += asking.length) stream.write(asking);
    await world.until(() => a.logs.peers().length === 0);
  }));
