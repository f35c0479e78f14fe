/** Who is given new root key material: members that have shown a member key, and never the lost one; and what is done where a lost one may know it. */
import assert from 'node:assert/strict';
import type { KeyObject } from 'node:crypto';
import { test } from 'node:test';
import { newCoreAlone } from '../../../test/support/core-alone.ts';
import { QUORUM } from '../../../test/support/kma.ts';
import { created, event, set } from '../../core/facts.ts';
import type { KmaId, ObjectId, RootEpochId } from '../../core/ids.ts';
import { isRefusal } from '../../core/refusal.ts';
import { readSetting } from '../../core/settings.ts';
import { hlc, hlcMs, stampOf } from '../../core/stamp.ts';
import { isRootExposed } from '../../operations/cluster/keep-root.ts';
import { MEMBER_KEY_KIND, makeMemberKey, sealPublicHalf } from '../../security/member-key.ts';
import { sha256Hex } from '../../security/sealing.ts';
import { SecretBytes } from '../../security/secret-bytes.ts';
import { APPLIANCE } from './core-call.ts';
import { OtherMember, PEER_LIFE, until } from './replicated-world.fixture.ts';

const { running } = await newCoreAlone();
const { store, self } = running.core.parts;
const { state } = store;
const other = new OtherMember(running);

async function newRoot() {
  const made = await running.core.security.newRoot(null);
  assert.ok(!isRefusal(made), JSON.stringify(made));
  return { without: [...made.without].sort(), given: made.copies.map(({ incarnationId }) => incarnationId) };
}

test('while a member cannot open what is made after a loss, nobody has a member key, and a lost KMA is deleted without new root key material', async () => {
  other.write(created('kma', 'EIGHTH' as KmaId, { name: 'kma-8', createdAt: 1, number: 8 }));
  await other.deliver();
  assert.equal(state.get('member_key', self.incarnationId), undefined);
  const root = readSetting(state, 'currentRootEpochId');
  const deleted = await running.core.callLocal('DeleteKma', { kma: 'kma-8', as: 'lost' });
  assert.ok(!isRefusal(deleted), JSON.stringify(deleted));
  assert.match(JSON.stringify(deleted), /upgrade them/);
  assert.equal(state.get('kma', 'EIGHTH')?.removedHow, 'lost');
  assert.deepEqual([readSetting(state, 'currentRootEpochId'), isRootExposed(state)], [root, true]);
  for (let minute = 0; minute < 3; minute += 1) await running.maintenance.minutely();
  assert.equal(isRootExposed(state), true);
});

test('records from ahead are not accepted while a member would not take what all write after them', async () => {
  const input = { kma: 'peer', until: new Date(Date.now() + 3_600_000).toISOString() };
  const answer = await running.core.call({
    operation: 'AcceptLogClock',
    input,
    origin: APPLIANCE,
    claim: { claim: 'appliance' },
    quorum: QUORUM.map(({ name, passphrase }) => ({ name, passphrase: SecretBytes.fromText(passphrase) })),
  });
  assert.ok(isRefusal(answer));
  assert.equal(answer.refused, 'NOT_YET_ALL_UPGRADED');
});

test('a member that has made no key known is named and given no copy; this one has made its own known', async () => {
  other.write(set('incarnation', PEER_LIFE, { replicationVersion: 2 }));
  await running.core.callLocal('NoteReplicationVersion', { replicationVersion: 2 });
  await other.deliver();
  await until(() => state.get('member_key', self.incarnationId)?.objectId != null);
  assert.deepEqual(await newRoot(), { without: ['peer'], given: [self.incarnationId] });
});

test('this KMA, which has it in memory, is not to be unlocked though its own key is not known', async () => {
  const stamp = stampOf(hlc(running.core.parts.time.nowMs() + 2_000, 0), self.incarnationId);
  const facts = [set('member_key', self.incarnationId, { objectId: null })];
  store.transaction(() => store.appendEntry(self.incarnationId, { v: 1, stamp, operation: 'Test', facts }));
  running.core.observe(stamp);
  assert.deepEqual(await newRoot(), { without: ['peer'], given: [] });
  await running.maintenance.minutely();
  assert.deepEqual(await newRoot(), { without: ['peer'], given: [self.incarnationId] });
});

test('once all can open what is made with it, new root key material is made because of the KMA that was lost before', async () => {
  for (let minute = 0; minute < 5 && isRootExposed(state); minute += 1) await running.maintenance.minutely();
  assert.equal(isRootExposed(state), false);
});

test('root key material that a lost KMA may know is replaced by a member that is unlocked, once', async () => {
  const root = readSetting(state, 'currentRootEpochId');
  await until(() => running.core.parts.time.nowMs() > hlcMs(store.lastStamp()));
  other.write(created('kma', 'LOST' as KmaId, { name: 'kma-9', createdAt: 1, number: 9 }));
  other.write(event('kma', 'LOST', 'removed', { removedHow: 'lost' }));
  await other.deliver();
  assert.equal(isRootExposed(state), true);
  assert.ok(!isRefusal(await running.core.callLocal('ReplaceExposedRoot', {})));
  assert.equal(isRootExposed(state), false);
  assert.notEqual(readSetting(state, 'currentRootEpochId'), root);
  assert.ok(isRefusal(await running.core.callLocal('ReplaceExposedRoot', {})));
  assert.ok(!isRefusal(await running.core.callLocal('FillKeyPool', { count: 1 })), 'it goes on with it');
});

/** As the other member does it once it has taken the root key material of today. */
async function showPeerKey(pair: KeyObject): Promise<void> {
  const rootEpochId = readSetting(state, 'currentRootEpochId') ?? '';
  const rootKeyMaterial = running.core.parts.memory.root(rootEpochId) ?? assert.fail();
  const id = sha256Hex(Buffer.from(rootEpochId)).slice(0, 32) as ObjectId;
  const bytes = sealPublicHalf({ rootEpochId, rootKeyMaterial }, PEER_LIFE, id, pair);
  const epoch = rootEpochId as RootEpochId;
  other.write(
    set('member_key', PEER_LIFE, { objectId: id, objectSha256: sha256Hex(bytes), rootEpochId: epoch }),
  );
  await other.deliver();
  // Objects come later than facts.
  await new Promise((resolve) => setTimeout(resolve, 300));
  const about = { class: 'root-sealed', kind: MEMBER_KEY_KIND, owner: PEER_LIFE, epoch } as const;
  assert.equal(await running.replication.store([{ ...about, id, bytes }]), 0);
}

test('a KMA that is lost right after another leaves no member behind: what they show because of the first loss is waited for', async () => {
  const pair = makeMemberKey();
  await showPeerKey(pair);
  const all = { without: [] as string[], given: [self.incarnationId, PEER_LIFE].sort() };
  const sorted = async () => {
    const { without, given } = await newRoot();
    return { without, given: given.sort() };
  };
  assert.deepEqual(await sorted(), all);
  other.write(created('kma', 'TENTH' as KmaId, { name: 'kma-10', createdAt: 1, number: 10 }));
  await other.deliver();
  assert.ok(!isRefusal(await running.core.callLocal('DeleteKma', { kma: 'kma-10', as: 'lost' })));
  const made = sorted();
  await new Promise((resolve) => setTimeout(resolve, 300));
  await showPeerKey(pair);
  assert.deepEqual(await made, all);
});

test('a member that shows nothing meanwhile is named', async () => {
  other.write(created('kma', 'ELEVENTH' as KmaId, { name: 'kma-11', createdAt: 1, number: 11 }));
  await other.deliver();
  assert.ok(!isRefusal(await running.core.callLocal('DeleteKma', { kma: 'kma-11', as: 'lost' })));
  assert.deepEqual(await newRoot(), { without: ['peer'], given: [self.incarnationId] });
});
