/** Questions about the audit over a real encrypted stream, where the core that is asked is slow. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { logPublicKey } from '../security/log-signing.ts';
import { SecretBytes } from '../security/secret-bytes.ts';
import { AuditChannel, type AuditChannelParts } from './audit-channel.ts';
import {
  type AuditMessage,
  type AuditRecords,
  auditMessage,
  type HeldChain,
  RECORDS_CHARACTERS_MAX,
} from './audit-messages.ts';
import { PATIENCE_MS, pair } from './engine-world.fixture.ts';
import { logKeyPair } from './log-keys.ts';
import { PeerChannel } from './peer-channel.ts';
import { type SecureStream, secure } from './secure-stream.ts';

const CHAIN: HeldChain = { incarnationId: 'A'.repeat(16), term: 'short', lastSeq: 9 };
const RECORDS: AuditRecords = {
  start: { seq: 0, hash: '0'.repeat(64) },
  records: ['one'],
  proof: { signedBy: 'A'.repeat(16), signature: '0'.repeat(128) },
};
const GIVEN_UP_MS = 30_000;

/** What is under way in memory has come. */
async function turns(): Promise<void> {
  for (let n = 0; n < 50; n++) await turn();
}

function keyPair() {
  const seed = randomBytes(32);
  return logKeyPair(seed, logPublicKey(new SecretBytes(Buffer.from(seed))));
}

/** The ends of a stream, and that of the wire below the second one. */
async function streams(t: TestContext) {
  const [near, far] = pair();
  const [a, b] = await Promise.all([
    secure(near, true, keyPair(), PATIENCE_MS),
    secure(far, false, keyPair(), PATIENCE_MS),
  ]);
  t.after(() => a.stream.destroy());
  return { asked: a.stream, asking: b.stream, far };
}

/** One asks, the other looks for it; `closed` has why a channel ended. */
async function channels(t: TestContext, find: AuditChannelParts['find']) {
  const { asked, asking: stream } = await streams(t);
  const closed: (string | null)[] = [];
  const onClose = (broken: string | null) => closed.push(broken);
  new AuditChannel(asked, { find, onClose }).tell([CHAIN]);
  const asking = new AuditChannel(stream, { find: async () => null, onClose });
  while ([...asking.chains()].length === 0) await turn();
  return { asking, closed };
}

/** Who says on the channel what he likes. */
function odd(stream: SecureStream, onMessage: (message: AuditMessage) => void) {
  const { promise: open, resolve: onOpen } = Promise.withResolvers<void>();
  const channel = new PeerChannel<AuditMessage>(stream, {
    ...{ protocol: 'openkma-audit/1', schema: auditMessage, maxBytes: Number.MAX_SAFE_INTEGER },
    encode: (message) => Buffer.from(JSON.stringify(message)),
    decode: (bytes) => JSON.parse(Buffer.from(bytes).toString()) as unknown,
    ...{ onOpen, onMessage, onClose: () => undefined },
  });
  return { channel, open };
}

test('who has given up two questions and asks a third hears that there is nothing now, and is no breaker of rules', async (t) => {
  const { promise: slow, resolve: goOn } = Promise.withResolvers<void>();
  const { asking, closed } = await channels(t, async () => {
    await slow;
    return RECORDS;
  });
  t.mock.timers.enable({ apis: ['setTimeout'] });
  for (let n = 0; n < 2; n++) {
    const given = asking.ask(CHAIN, 0);
    t.mock.timers.tick(GIVEN_UP_MS);
    assert.equal(await given, null);
  }
  assert.equal(await asking.ask(CHAIN, 0), null);
  assert.equal(await asking.ask(CHAIN, 0), null);
  assert.deepEqual(closed, []);
  goOn();
  await turns();
  assert.deepEqual(await asking.ask(CHAIN, 0), RECORDS);
});

test('for who does not read what he has asked for nothing more is looked for, until he does', async (t) => {
  const { asked, asking, far } = await streams(t);
  let looked = 0;
  const large = { ...RECORDS, records: ['x'.repeat(RECORDS_CHARACTERS_MAX)] };
  const find = async () => {
    looked += 1;
    return large;
  };
  new AuditChannel(asked, { find, onClose: () => undefined });
  let heard = 0;
  const { channel, open } = odd(asking, () => {
    heard += 1;
  });
  const ask = async (sequence: number) => {
    channel.send({ t: 'after', sequence, incarnationId: CHAIN.incarnationId, term: 'short', afterSeq: 0 });
    await turns();
  };
  await open;
  far.pause();
  for (let n = 1; n <= 20; n++) await ask(n);
  assert.equal(looked, 2);
  far.resume();
  while (heard < 2) await turn();
  await turns();
  await ask(21);
  assert.equal(looked, 3);
});

test('who tells of no chain breaks the rules', async (t) => {
  const { asked, asking } = await streams(t);
  const { promise: closed, resolve: onClose } = Promise.withResolvers<string | null>();
  new AuditChannel(asked, { find: async () => null, onClose });
  const { channel, open } = odd(asking, () => undefined);
  await open;
  channel.send({ t: 'chains', chains: [] });
  assert.match((await closed) ?? '', /^an unexpected message: chains/);
});
