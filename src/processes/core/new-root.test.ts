/** Who is given new root key material: members that have shown a member key, and never the lost one; and what is done where a lost one may know it. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openAlone } from '../../../test/support/core-alone.ts';
import { TestKma } from '../../../test/support/kma.ts';
import { created, event, set } from '../../core/facts.ts';
import type { KmaId } from '../../core/ids.ts';
import { isRefusal } from '../../core/refusal.ts';
import { readSetting } from '../../core/settings.ts';
import { isRootExposed } from '../../operations/cluster/keep-root.ts';
import { OtherMember, PEER_LIFE, until } from './replicated-world.fixture.ts';

const kma = await TestKma.start({ bare: true });
await kma.stop();
const running = await openAlone(kma.data);
after(async () => {
  await running.close();
  await kma[Symbol.asyncDispose]();
});
const { store, self } = running.core.parts;
const { state } = store;
const other = new OtherMember(running);

async function newRoot() {
  const made = await running.core.security.newRoot(null);
  assert.ok(!isRefusal(made), JSON.stringify(made));
  return { without: [...made.without].sort(), given: made.copies.map(({ incarnationId }) => incarnationId) };
}

test('while a member cannot read of member keys nobody has one, and each has to be unlocked', async () => {
  await other.deliver();
  assert.deepEqual(await newRoot(), { without: ['kma-test', 'peer'], given: [] });
  assert.equal(state.get('member_key', self.incarnationId), undefined);
});

test('a member that has made no key known is named and given no copy; this one has made its own known', async () => {
  other.write(set('incarnation', PEER_LIFE, { replicationVersion: 2 }));
  await running.core.callLocal('NoteReplicationVersion', { replicationVersion: 2 });
  await other.deliver();
  await until(() => state.get('member_key', self.incarnationId)?.objectId != null);
  assert.deepEqual(await newRoot(), { without: ['peer'], given: [self.incarnationId] });
});

test('root key material that a lost KMA may know is replaced by a member that is unlocked, once', async () => {
  const root = readSetting(state, 'currentRootEpochId');
  assert.equal(isRootExposed(state), false);
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
