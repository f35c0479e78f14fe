/** RetrieveKey: whose key it is, what it still may do, and keys that were perhaps issued before a restore. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { unwrapKey } from '@openkma/protocol';
import { created, event, set } from '../../core/facts.ts';
import type { IncarnationId, KmaId } from '../../core/ids.ts';
import { DAY_MS } from '../world.fixture.ts';
import { AgentWorld, NO_UNIT, unitOf } from './agent-world.fixture.ts';
import { createKey } from './create-key.ts';
import { retrieveKey, retrieveKey2 } from './retrieve-key.ts';

const ask = (keyId: string, keyGroupId = '', dataUnit = NO_UNIT) => ({ keyId, dataUnit, keyGroupId });
const compromised = (id: string) =>
  event('key', id, 'compromised', { compromisedAt: 1, compromisedComment: '' });
const destroyed = (id: string) => event('key', id, 'destroyed', { destroyedAt: 1, destroyedComment: '' });

async function worldWithKey() {
  const world = new AgentWorld();
  const group = world.group('tapes');
  const agent = world.agent('drive-1', [group]);
  world.fill(3);
  const { key } = await world.given(createKey, { dataUnit: NO_UNIT, keyGroupId: '' }, agent);
  return { world, group, agent, key };
}

test('gives the same key again, by its ID in either case', async () => {
  const { world, agent, key } = await worldWithKey();
  const { output, decision } = await world.accepted(retrieveKey, ask(key.keyId.toLowerCase()), agent);
  assert.deepEqual(output.key, key);
  assert.deepEqual([decision.facts, decision.audit?.severity], [[], 'success']);
});

test('gives it wrapped in the second form', async () => {
  const { world, agent, key } = await worldWithKey();
  const kwk = randomBytes(32);
  const agentKwkId = world.registerKwk(agent, kwk);
  const { key: wrapped } = await world.given(retrieveKey2, { ...ask(key.keyId), agentKwkId }, agent);
  assert.deepEqual(unwrapKey(kwk, wrapped.key), key.key);
});

test('still serves old and compromised keys, each with its state and a warning', async () => {
  const { world, agent, key } = await worldWithKey();
  const seen = async () => {
    const { output, decision } = await world.accepted(retrieveKey, ask(key.keyId), agent);
    return [output.key.keyState, decision.audit?.severity, decision.audit?.condition];
  };
  world.nowMs += DAY_MS;
  assert.deepEqual(await seen(), ['KEY-STATE-PROCESS-ONLY', 'success', 'Success']);
  world.nowMs += 2 * DAY_MS;
  assert.deepEqual(await seen(), ['KEY-STATE-DEACTIVATED', 'warning', 'Deactivated key']);
  world.commit([compromised(key.keyId)]);
  assert.deepEqual(await seen(), ['KEY-STATE-COMPROMISED', 'warning', 'Compromised key']);
});

test('refuses a destroyed key', async () => {
  const { world, agent, key } = await worldWithKey();
  world.commit([destroyed(key.keyId)]);
  assert.equal(await world.refused(retrieveKey, ask(key.keyId), agent), 'AGENT_KEY_DESTROYED');
});

test('refuses a key of a group that is not the agent’s, destroyed or not', async () => {
  const { world, key } = await worldWithKey();
  const stranger = world.agent('drive-2', [world.group('databases')]);
  assert.equal(await world.refused(retrieveKey, ask(key.keyId), stranger), 'ACCESS_DENIED');
  world.commit([destroyed(key.keyId)]);
  assert.equal(await world.refused(retrieveKey, ask(key.keyId), stranger), 'ACCESS_DENIED');
});

test('goes by the group an officer moved the key to', async () => {
  const { world, agent, key } = await worldWithKey();
  const databases = world.group('databases');
  world.commit([set('key', key.keyId, { changedKeyGroupId: databases })]);
  assert.equal(await world.refused(retrieveKey, ask(key.keyId), agent), 'ACCESS_DENIED');
  const other = world.agent('drive-2', [databases]);
  assert.equal((await world.given(retrieveKey, ask(key.keyId), other)).key.keyGroupId, 'databases');
});

test('does not find unknown keys, nor keys that wait in the pool', async () => {
  const { world, agent } = await worldWithKey();
  for (const id of [`0000${'5E'.repeat(28)}`, world.poolKey()])
    assert.equal(await world.refused(retrieveKey, ask(id), agent), 'AGENT_KEY_DOES_NOT_EXIST');
  for (const id of ['', '00', 'x'.repeat(60)])
    assert.equal(await world.refused(retrieveKey, ask(id), agent), 'INVALID_KEY_ID');
});

test('notes the use of a key for a data unit once', async () => {
  const { world, agent, key } = await worldWithKey();
  const unit = world.dataUnit();
  const { decision } = await world.accepted(retrieveKey, ask(key.keyId, '', unitOf(unit)), agent);
  assert.equal(world.state.get('data_unit_key', `${unit}:${key.keyId}`)?.present, 1);
  assert.equal(decision.factsOptional, true);
  const again = await world.accepted(retrieveKey, ask(key.keyId, '', unitOf(unit)), agent);
  assert.deepEqual(again.decision.facts, []);
  world.commit([set('data_unit_key', `${unit}:${key.keyId}`, { present: 0 })]);
  await world.given(retrieveKey, ask(key.keyId, '', unitOf(unit)), agent);
  assert.equal(world.state.get('data_unit_key', `${unit}:${key.keyId}`)?.present, 1);
});

test('creates the data unit it is told of', async () => {
  const { world, agent, key } = await worldWithKey();
  await world.given(retrieveKey, ask(key.keyId, '', unitOf('AB'.repeat(16))), agent);
  assert.equal(world.state.get('data_unit', 'AB'.repeat(16))?.createdBy, agent);
  assert.equal(
    await world.refused(retrieveKey, ask(key.keyId, '', unitOf('AB')), agent),
    'INVALID_DATA_UNIT_ID',
  );
});

/** A key of the life before a restore, of whose hand-out nothing is known. */
async function worldAfterRestore(ended = true, kmaId?: KmaId) {
  const { world, agent, group } = await worldWithKey();
  const before = 'EE'.repeat(8) as IncarnationId;
  world.commit([
    created('incarnation', before, {
      kmaId: kmaId ?? world.self.kmaId,
      logPublicKey: '',
      replicationPublicKey: '',
      createdAt: 1,
      reason: 'quickstart',
      clusterEpochId: '',
      baseVectorJson: '{}',
    }),
    ...(ended ? [event('incarnation', before, 'ended', { endedAt: 2 })] : []),
  ]);
  return { world, agent, group, key: world.poolKey(before) };
}

test('takes a key that was perhaps issued in an ended life as process-only, in the default group, with a warning', async () => {
  const { world, agent, group, key } = await worldAfterRestore();
  const { output, decision } = await world.accepted(retrieveKey, ask(key), agent);
  assert.deepEqual([output.key.keyState, output.key.keyGroupId], ['KEY-STATE-PROCESS-ONLY', 'tapes']);
  assert.deepEqual([decision.audit?.severity, decision.audit?.condition], ['warning', 'Perhaps issued key']);
  const row = world.state.get('key', key);
  assert.deepEqual([row?.processOnly, row?.activatedKeyGroupId], [1, group]);
  const again = await world.accepted(retrieveKey, ask(key), agent);
  assert.deepEqual([again.output.key.keyState, again.decision.facts], ['KEY-STATE-PROCESS-ONLY', []]);
});

test('takes it in the group given, where that is the agent’s', async () => {
  const { world, agent, key } = await worldAfterRestore();
  world.group('databases');
  assert.equal(await world.refused(retrieveKey, ask(key, 'databases'), agent), 'ACCESS_DENIED');
  assert.equal((await world.given(retrieveKey, ask(key, 'tapes'), agent)).key.keyGroupId, 'tapes');
});

test('never gives a key of an ended life as a new one', async () => {
  const { world, agent, key } = await worldAfterRestore();
  world.backUp();
  const left = [];
  while ((await world.refused(createKey, { dataUnit: NO_UNIT, keyGroupId: '' }, agent)) === 'accepted')
    left.push(1);
  assert.equal(left.length, 2);
  assert.equal(world.state.get('key', key)?.activatedStamp, null);
});

test('takes one of a life of this KMA that a copy has replaced, and none of another KMA that goes on', async () => {
  const copied = await worldAfterRestore(false);
  assert.equal(await copied.world.refused(retrieveKey, ask(copied.key), copied.agent), 'accepted');
  const foreign = await worldAfterRestore(false, 'DD'.repeat(16) as KmaId);
  assert.equal(
    await foreign.world.refused(retrieveKey, ask(foreign.key), foreign.agent),
    'AGENT_KEY_DOES_NOT_EXIST',
  );
});

test('tells of a perhaps issued key that it is compromised or destroyed', async () => {
  const { world, agent, key } = await worldAfterRestore();
  world.commit([compromised(key)]);
  assert.equal((await world.given(retrieveKey, ask(key), agent)).key.keyState, 'KEY-STATE-COMPROMISED');
  const second = await worldAfterRestore();
  second.world.commit([destroyed(second.key)]);
  assert.equal(await second.world.refused(retrieveKey, ask(second.key), second.agent), 'AGENT_KEY_DESTROYED');
});
