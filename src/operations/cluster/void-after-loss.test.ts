/** After a KMA was lost, what it knows and nobody has yet counts no more; what is in use goes on. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, event, set } from '../../core/facts.ts';
import { coreSecurityBackup, madeBackup } from '../../core/folding.fixture.ts';
import type { AgentId, MasterEpochId, ObjectId } from '../../core/ids.ts';
import { byName } from '../../core/live.ts';
import { nextReadyKey } from '../../core/readiness.ts';
import { readSetting, settingFact } from '../../core/settings.ts';
import { createAgent } from '../agents.ts';
import { World } from '../world.fixture.ts';
import { createKma } from './create-kma.ts';
import { deleteKma } from './delete-kma.ts';
import { isAnythingKnown, knownToLost, voidAfterLoss } from './void-after-loss.ts';

const PASSPHRASE = 'Joins-the-others-1';

async function withLoss() {
  const world = new World();
  for (const kma of ['kma-2', 'kma-3', 'kma-4']) await world.did(createKma, { kma, passphrase: PASSPHRASE });
  for (const agent of ['drive', 'idle']) await world.did(createAgent, { agent, passphrase: PASSPHRASE });
  const kma = (name: string) => byName(world.state, 'kma', name);
  const agent = (name: string) => byName(world.state, 'agent', name);
  world.commit([
    set('kma', kma('kma-3')?.id ?? '', { enrolled: 1 }),
    set('agent', agent('drive')?.id as AgentId, { enrolled: 1 }),
  ]);
  const keys = [world.poolKey(), world.poolKey()];
  await world.did(deleteKma, { kma: 'kma-2', as: 'lost' });
  return { world, keys, kma, agent };
}
const AGENTS_AFTER = { agentsAfter: '' };
const found = (world: World, agentsAfter: string | null = '') => {
  const known = knownToLost(world.state, world.self, world.tools().epochOf, agentsAfter);
  return known !== null && isAnythingKnown(known) ? known : null;
};

test('where no KMA was lost there is nothing to do', async () => {
  const world = new World();
  world.poolKey();
  await world.did(createAgent, { agent: 'drive', passphrase: PASSPHRASE });
  assert.equal(found(world), null);
});

test('keys of the pool, passphrases of agents and of KMAs that never proved theirs are void, once', async () => {
  const { world, keys, kma, agent } = await withLoss();
  await world.did(voidAfterLoss, AGENTS_AFTER);
  for (const id of keys) assert.notEqual(world.state.get('key', id)?.compromisedStamp, null);
  assert.deepEqual([agent('drive')?.proofDisabled, agent('idle')?.proofDisabled], [1, 1]);
  assert.deepEqual([kma('kma-4')?.proofDisabled, kma('kma-3')?.proofDisabled], [1, 0]);
  assert.equal(agent('drive')?.enrolled, 1, 'its certificate goes on');
  assert.equal(found(world), null);
});

test('what is made afterwards stays, and what has not come here yet is judged by nobody', async () => {
  const { world } = await withLoss();
  await world.did(voidAfterLoss, AGENTS_AFTER);
  const epoch = readSetting(world.state, 'currentMasterEpochId') ?? '';
  const key = world.poolKey();
  const object = world.objects.get(world.state.get('key', key)?.objectId ?? '');
  assert.ok(object);
  world.objects.set(object.id, { ...object, epoch });
  await world.did(createKma, { kma: 'kma-5', passphrase: PASSPHRASE });
  assert.equal(found(world), null);
  world.commit([
    set('agent', byName(world.state, 'agent', 'idle')?.id as AgentId, {
      proofDisabled: 0,
      legacySecretObjectId: 'E'.repeat(32) as ObjectId,
    }),
  ]);
  assert.equal(found(world), null);
});

test('until the old keys are out of the pool none is handed out', async () => {
  const { world, keys } = await withLoss();
  const { state, self } = world;
  world.commit([...coreSecurityBackup(), ...madeBackup('B', { [self.incarnationId]: 1_000 })]);
  assert.equal(nextReadyKey(state, self.incarnationId), undefined);
  world.commit([
    set('setting', 'currentMasterEpochId', { valueJson: JSON.stringify('5'.repeat(32) as MasterEpochId) }),
  ]);
  assert.equal(nextReadyKey(state, self.incarnationId)?.id, keys[0]);
});

test('a KMA that was retired first on the other side stays retired, and what is under the old master key is void all the same', async () => {
  const world = new World();
  const { state, self } = world;
  const first = readSetting(state, 'currentMasterEpochId') ?? '';
  world.commit([created('master_epoch', first, { createdAt: 1 })]);
  await world.did(createKma, { kma: 'kma-2', passphrase: PASSPHRASE });
  await world.did(createAgent, { agent: 'idle', passphrase: PASSPHRASE });
  const old = world.poolKey();
  world.commit([...coreSecurityBackup(), ...madeBackup('B', { [self.incarnationId]: 1_000 })]);
  assert.equal(nextReadyKey(state, self.incarnationId)?.id, old);
  const epoch = '9'.repeat(32) as MasterEpochId;
  world.commit([
    event('kma', byName(state, 'kma', 'kma-2')?.id ?? '', 'removed', { removedHow: 'retired' }),
    created('master_epoch', epoch, { createdAt: 1 }),
    settingFact('currentMasterEpochId', epoch),
  ]);
  assert.equal(nextReadyKey(state, self.incarnationId), undefined);
  await world.did(voidAfterLoss, AGENTS_AFTER);
  assert.notEqual(state.get('key', old)?.compromisedStamp, null);
  assert.equal(byName(state, 'agent', 'idle')?.proofDisabled, 1);
  const key = world.poolKey();
  assert.equal(nextReadyKey(state, self.incarnationId)?.id, key);
});

test('of many agents some are looked at at once, all in the end, and none where none are asked for', async () => {
  const { world } = await withLoss();
  await world.did(voidAfterLoss, AGENTS_AFTER);
  const old = byName(world.state, 'agent', 'idle')?.legacySecretObjectId as ObjectId;
  const ids = Array.from({ length: 450 }, (_, n) => `${n}`.padStart(32, 'A') as AgentId);
  for (const id of ids)
    world.commit([
      created('agent', id, { name: `many-${id}`, createdAt: 1 }),
      set('agent', id, { legacySecretObjectId: old }),
    ]);
  assert.equal(found(world, null), null);
  const looks: number[] = [];
  for (let after: string | null = ''; after !== null; ) {
    const known = knownToLost(world.state, world.self, world.tools().epochOf, after);
    assert.ok(known);
    looks.push(known.agents.length);
    await world.did(voidAfterLoss, { agentsAfter: after });
    after = known.agentsAfter;
  }
  assert.deepEqual(
    [looks.length, looks.every((count) => count <= 200), looks.reduce((sum, count) => sum + count)],
    [3, true, ids.length],
  );
  assert.ok(ids.every((id) => world.state.get('agent', id)?.proofDisabled === 1));
});
