/** Questions about the audit over a real encrypted stream, where the core that is asked is slow. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { logPublicKey } from '../security/log-signing.ts';
import { SecretBytes } from '../security/secret-bytes.ts';
import { AuditChannel, type AuditChannelParts } from './audit-channel.ts';
import type { AuditRecords, HeldChain } from './audit-messages.ts';
import { PATIENCE_MS, pair } from './engine-world.fixture.ts';
import { logKeyPair } from './log-keys.ts';
import { secure } from './secure-stream.ts';

const CHAIN: HeldChain = { incarnationId: 'A'.repeat(16), term: 'short', lastSeq: 9 };
const RECORDS: AuditRecords = {
  start: { seq: 0, hash: '0'.repeat(64) },
  records: ['one'],
  proof: { signedBy: 'A'.repeat(16), signature: '0'.repeat(128) },
};
const GIVEN_UP_MS = 30_000;

function keyPair() {
  const seed = randomBytes(32);
  return logKeyPair(seed, logPublicKey(new SecretBytes(Buffer.from(seed))));
}

/** One asks, the other looks for it; `closed` has why a channel ended. */
async function channels(t: TestContext, find: AuditChannelParts['find']) {
  const [near, far] = pair();
  const [a, b] = await Promise.all([
    secure(near, true, keyPair(), PATIENCE_MS),
    secure(far, false, keyPair(), PATIENCE_MS),
  ]);
  t.after(() => a.stream.destroy());
  const closed: (string | null)[] = [];
  const onClose = (broken: string | null) => closed.push(broken);
  const { promise: open, resolve: onChains } = Promise.withResolvers<void>();
  const asked = new AuditChannel(a.stream, { find, onChains: () => undefined, onClose });
  const asking = new AuditChannel(b.stream, { find: async () => null, onChains, onClose });
  asked.tell([CHAIN]);
  await open;
  return { asking, closed };
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
  await turn();
  assert.deepEqual(await asking.ask(CHAIN, 0), RECORDS);
});
