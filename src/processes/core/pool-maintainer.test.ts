/** The key pool of a real core, whose timer never ends here: refilled by what is taken alone, however often others confirm, and early once they do. */
import assert from 'node:assert/strict';
import { after, mock, test } from 'node:test';
import { openAlone } from '../../../test/support/core-alone.ts';
import { TestKma } from '../../../test/support/kma.ts';
import { event, type Fact, removed } from '../../core/facts.ts';
import { nextReadyKey, unissuedKeys } from '../../core/readiness.ts';
import { nextHlc, stampOf } from '../../core/stamp.ts';
import { OtherMember, PEER, PEER_LIFE, until } from './replicated-world.fixture.ts';

const SIZE = 1000;
const TIMEOUT = { timeout: 60_000 };

const kma = await TestKma.start({ bare: true });
await kma.stop();
mock.timers.enable({ apis: ['setInterval'] });
const running = await openAlone(kma.data);
mock.timers.reset();
after(async () => {
  await running.close();
  await kma[Symbol.asyncDispose]();
});
const { core, pool } = running;
const { store, self } = core.parts;
const unissued = () => unissuedKeys(store.state, self.incarnationId);

function write(...facts: readonly Fact[]): void {
  const stamp = stampOf(nextHlc(store.lastStamp(), 0), self.incarnationId);
  store.transaction(() => store.appendEntry(self.incarnationId, { v: 1, stamp, operation: 'Test', facts }));
}

/** Those made first, Ready or not, as agents do it. */
function take(keys: number, after: () => void = () => undefined): void {
  for (let key = 0; key < keys; key += 1) {
    const [first] = store.state.scan('key', 'pool', { equals: [self.incarnationId], limit: 1 });
    const cells = { activatedAt: 1, processOnly: 0, activatedByAgentId: null, activatedKeyGroupId: null };
    write(event('key', first?.id ?? '', 'activated', cells));
    core.parts.effect({ effect: 'key-taken' });
    after();
  }
}

async function confirm(through: number): Promise<void> {
  const vector = { [self.incarnationId]: through };
  running.replication.confirmed(PEER_LIFE, PEER, vector, vector);
  await until(() => store.state.heldByPeers(self.incarnationId) === through);
}

test(
  'while nobody else holds keys they are made anew when half of them is gone, and not before',
  TIMEOUT,
  async () => {
    await until(() => unissued() === SIZE);
    take(SIZE / 2);
    await core.callLocal('NoteLowKeyPool', { ready: 0, size: SIZE });
    assert.equal(unissued(), SIZE / 2);
    take(1);
    await until(() => unissued() === SIZE);
  },
);

test('what is taken while the pool is filled is made anew, too', TIMEOUT, async () => {
  take(SIZE / 2 + 1);
  take(80);
  await until(() => unissued() === SIZE);
});

test(
  'once others hold keys the pool is filled as soon as a tenth is gone, though they confirm all the time',
  TIMEOUT,
  async () => {
    await new OtherMember(running).deliver();
    await confirm(store.logLength(self.incarnationId));
    assert.ok(nextReadyKey(store.state, self.incarnationId));
    take(SIZE / 10 + 1, () => pool.readyChanged());
    await until(() => unissued() === SIZE);
  },
);

test(
  'the part that is Ready follows what others confirm, and what is made meanwhile is not Ready',
  TIMEOUT,
  async () => {
    await confirm(store.logLength(self.incarnationId));
    assert.equal(pool.readyPercent, 100);
    take(SIZE / 10 + 1);
    await until(() => unissued() === SIZE);
    assert.equal(pool.readyPercent, 89);
    await confirm(1);
    assert.equal(pool.readyPercent, 0);
  },
);

test('the word of a member that was removed here counts no more', TIMEOUT, async () => {
  await confirm(store.logLength(self.incarnationId));
  assert.equal(pool.readyPercent, 100);
  write(removed('kma', PEER));
  core.parts.wrote([removed('kma', PEER)]);
  assert.equal(pool.readyPercent, 0);
});
