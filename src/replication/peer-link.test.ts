/** Questions about sealed objects over a real encrypted stream, by a member that asks and does not read. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { logPublicKey } from '../security/log-signing.ts';
import { SecretBytes } from '../security/secret-bytes.ts';
import { PATIENCE_MS, pair } from './engine-world.fixture.ts';
import { logKeyPair } from './log-keys.ts';
import { PeerChannel } from './peer-channel.ts';
import { decodePeerMessage, encodePeerMessage } from './peer-encoding.ts';
import { type PeerEnd, PeerLink } from './peer-link.ts';
import {
  type Hello,
  OBJECT_BYTES_PER_ANSWER,
  PEER_PROTOCOL,
  type PeerMessage,
  peerMessage,
  type SealedObject,
} from './peer-messages.ts';
import { secure } from './secure-stream.ts';

const OBJECT_ID = 'A'.repeat(32);
const QUESTIONS_MAX = 4;
const PASSED_OVER_MAX = 32;

/** Who greets, and the key of his log. */
function greeter() {
  const seed = randomBytes(32);
  const publicKey = logPublicKey(new SecretBytes(Buffer.from(seed)));
  const hello: Hello = {
    ...{ t: 'hello', protocol: PEER_PROTOCOL, softwareVersion: '0.1.0', replicationVersion: 1 },
    ...{ kmaId: 'B'.repeat(32), incarnationId: 'B'.repeat(16), replicationPublicKey: publicKey },
    ...{ logPublicKey: publicKey, clusterEpochId: '', vector: {} },
  };
  return { keyPair: logKeyPair(seed, publicKey), hello };
}

test('who asks for objects and does not read them is answered so many, and then cut off', async (t) => {
  const [near, far] = pair();
  const [ours, theirs] = [greeter(), greeter()];
  const [atUs, { stream }] = await Promise.all([
    secure(near, true, ours.keyPair, PATIENCE_MS),
    secure(far, false, theirs.keyPair, PATIENCE_MS),
  ]);
  t.after(() => stream.destroy());
  const object: SealedObject = {
    ...{ id: OBJECT_ID, class: 'root-sealed', kind: 'key', owner: OBJECT_ID, epoch: '' },
    bytes: Buffer.alloc(OBJECT_BYTES_PER_ANSWER),
  };
  let looked = 0;
  const ends: PeerEnd[] = [];
  const { promise: welcome, resolve: onWelcome } = Promise.withResolvers<void>();
  new PeerLink(atUs, {
    kmaId: theirs.hello.kmaId,
    nowMs: () => 0,
    hello: () => ours.hello,
    admit: async () => null,
    onWelcome: () => onWelcome(),
    onHealth: () => undefined,
    find: async () => {
      looked += 1;
      return { objects: [object], haveNot: [] };
    },
    onEnd: (end) => ends.push(end),
  });
  let heard = 0;
  const channel = new PeerChannel<PeerMessage>(stream, {
    ...{ protocol: 'openkma/1', schema: peerMessage, maxBytes: Number.MAX_SAFE_INTEGER },
    ...{ encode: encodePeerMessage, decode: decodePeerMessage, onOpen: () => channel.send(theirs.hello) },
    onMessage(message) {
      if (message.t === 'hello') channel.send({ t: 'welcome' });
      if (message.t === 'have') heard += 1;
    },
    onClose: () => undefined,
  });
  await welcome;
  const ask = async (sequence: number) => {
    channel.send({ t: 'want', sequence, ids: [OBJECT_ID], vector: {} });
    for (let n = 0; n < 50; n++) await turn();
  };
  for (let n = 1; n <= 2 * QUESTIONS_MAX; n++) {
    await ask(n);
    assert.equal(heard, n, 'who reads may go on asking');
  }
  far.pause();
  for (let n = 1; n <= QUESTIONS_MAX; n++) await ask(n);
  assert.deepEqual([looked, ends], [3 * QUESTIONS_MAX, []]);
  for (let n = 1; n <= PASSED_OVER_MAX; n++) await ask(QUESTIONS_MAX + n);
  assert.deepEqual([looked, ends], [3 * QUESTIONS_MAX, []], 'on a slow link nobody is to blame');
  await ask(QUESTIONS_MAX + PASSED_OVER_MAX + 1);
  assert.equal(looked, 3 * QUESTIONS_MAX);
  assert.deepEqual(ends, [{ how: 'broken', reason: 'questions without waiting for answers' }]);
});
