/** RevokeKey: whose key it is, what the key policy says, and that nothing gives a revoked key back. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { event, set } from '../../core/facts.ts';
import { stateOfKey } from '../../core/key-standing.ts';
import { DAY_MS } from '../world.fixture.ts';
import { AgentWorld, NO_UNIT, unitOf } from './agent-world.fixture.ts';
import { createKey } from './create-key.ts';
import { createDataUnit } from './data-units.ts';
import { retrieveKey } from './retrieve-key.ts';
import { retrieveProtectAndProcessKey } from './retrieve-protect-and-process-key.ts';
import { revokeKey } from './revoke-key.ts';

const ABOUT = { externalUniqueId: '', externalTag: '', description: '' };

async function setting({ allowed = true } = {}) {
  const world = new AgentWorld();
  const group = world.group('tapes');
  const policyId = world.state.get('key_group', group)?.keyPolicyId ?? '';
  const allow = (value: boolean) =>
    world.commit([set('key_policy', policyId, { allowAgentsToRevoke: Number(value) })]);
  if (allowed) allow(true);
  const agent = world.agent('drive-1', [group]);
  world.fill(4);
  const { dataUnit } = await world.given(createDataUnit, ABOUT, agent);
  const { key } = await world.given(createKey, { dataUnit, keyGroupId: '' }, agent);
  const { keyId } = key;
  const state = () => {
    const row = world.state.get('key', keyId);
    return row === undefined ? '' : stateOfKey(world.state, row, world.nowMs);
  };
  return { world, group, allow, agent, dataUnit, keyId, state };
}

test('a revoked key is deactivated, is still given to decrypt with, and is not encrypted with again', async () => {
  const { world, agent, dataUnit, keyId, state } = await setting();
  const { decision } = await world.accepted(revokeKey, { keyId: keyId.toLowerCase() }, agent);
  assert.equal(state(), 'DEACTIVATED');
  assert.equal(decision.audit?.message, `key=${keyId} group=tapes before=PROTECT_AND_PROCESS`);
  const again = { keyId, dataUnit: NO_UNIT, keyGroupId: '' };
  const { key } = await world.given(retrieveKey, again, agent);
  assert.equal(key.keyState, 'KEY-STATE-DEACTIVATED');
  const protecting = { dataUnit: unitOf(dataUnit.dataUnitId), keyGroupId: '' };
  const next = await world.given(retrieveProtectAndProcessKey, protecting, agent);
  assert.notEqual(next.key.keyId, keyId);
});

test('a key policy forbids it unless it says otherwise, and forbidding it later gives no key back', async () => {
  const { world, allow, agent, keyId, state } = await setting({ allowed: false });
  assert.equal(await world.refused(revokeKey, { keyId }, agent), 'ACCESS_DENIED');
  allow(false);
  assert.equal(await world.refused(revokeKey, { keyId }, agent), 'ACCESS_DENIED');
  allow(true);
  await world.given(revokeKey, { keyId }, agent);
  allow(false);
  assert.equal(state(), 'DEACTIVATED');
});

test('a second time, and for a key that nobody encrypts with any more, it is right and nothing is recorded', async () => {
  const { world, agent, keyId, state } = await setting();
  await world.given(revokeKey, { keyId }, agent);
  assert.deepEqual((await world.accepted(revokeKey, { keyId }, agent)).decision.facts, []);
  const old = (await world.given(createKey, { dataUnit: NO_UNIT, keyGroupId: '' }, agent)).key;
  world.nowMs += DAY_MS;
  const stolen = (await world.given(createKey, { dataUnit: NO_UNIT, keyGroupId: '' }, agent)).key;
  assert.equal((await world.accepted(revokeKey, { keyId: old.keyId }, agent)).decision.facts.length, 1);
  world.commit([
    event('key', stolen.keyId, 'compromised', { compromisedAt: world.nowMs, compromisedComment: '' }),
  ]);
  const { decision } = await world.accepted(revokeKey, { keyId: stolen.keyId }, agent);
  assert.deepEqual(decision.facts, []);
  assert.equal(state(), 'DEACTIVATED');
});

test('keys of other groups, unknown ones, destroyed ones and those of the pool are refused, each as agents know it', async () => {
  const { world, agent, keyId } = await setting();
  const other = world.agent('drive-2', [world.group('databases')]);
  assert.equal(await world.refused(revokeKey, { keyId }, other), 'ACCESS_DENIED');
  const refused = (id: string) => world.refused(revokeKey, { keyId: id }, agent);
  assert.equal(await refused(`0000${'5E'.repeat(28)}`), 'AGENT_KEY_DOES_NOT_EXIST');
  assert.equal(await refused(world.poolKey()), 'AGENT_KEY_DOES_NOT_EXIST');
  assert.equal(await refused('00'), 'INVALID_KEY_ID');
  world.commit([event('key', keyId, 'destroyed', { destroyedAt: 1, destroyedComment: '' })]);
  assert.equal(await refused(keyId), 'AGENT_KEY_DESTROYED');
});
