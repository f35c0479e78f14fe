/** A member that was taken over sends what no KMA sends: it loses its connection, and the others go on. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { test } from 'node:test';
import { z } from 'zod';
import { logPublicKey } from '../security/log-signing.ts';
import { SecretBytes } from '../security/secret-bytes.ts';
import { type EngineKma, inWorld, PATIENCE_MS, pair } from './engine-world.fixture.ts';
import { logKeyPair } from './log-keys.ts';
import { PeerChannel } from './peer-channel.ts';
import { taker } from './replicated-logs.contract.ts';
import { type SecureStream, secure } from './secure-stream.ts';

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
