/** CreateKey in both forms: which key is given, to whom, and what is refused. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { unwrapKey } from '@openkma/protocol';
import { KEYS_PER_DATA_UNIT_MAX } from '../../core/data-units.ts';
import { created, removed, set } from '../../core/facts.ts';
import type { DataUnitId, KeyId } from '../../core/ids.ts';
import { settingFact } from '../../core/settings.ts';
import { AgentWorld, NO_UNIT, unitOf } from './agent-world.fixture.ts';
import { createKey, createKey2 } from './create-key.ts';

const UNIT = '24072F2D9892BE582A1E7FB320BA76F6';
const plain = (keyGroupId = '', dataUnit = NO_UNIT) => ({ dataUnit, keyGroupId });

function worldWithAgent(keys = 3) {
  const world = new AgentWorld();
  const group = world.group('tapes');
  const other = world.group('databases');
  const agent = world.agent('drive-1', [group]);
  return { world, group, other, agent, keys: world.fill(keys) };
}

test('gives the key that was made first, in the default group, to encrypt with', async () => {
  const { world, agent, group, keys } = worldWithAgent();
  const { output, decision } = await world.accepted(createKey, plain(), agent);
  assert.equal(output.key.keyId, keys[0]);
  assert.deepEqual(
    [output.key.keyState, output.key.keyType, output.key.keyGroupId],
    ['KEY-STATE-PROTECT-AND-PROCESS', 'KEY-TYPE-AES-256', 'tapes'],
  );
  assert.deepEqual(output.key.key, world.plainKey(output.key.keyId));
  const row = world.state.get('key', output.key.keyId);
  assert.deepEqual([row?.activatedKeyGroupId, row?.activatedByAgentId, row?.processOnly], [group, agent, 0]);
  assert.deepEqual(decision.effects, [{ effect: 'key-taken' }]);
  assert.match(decision.audit?.message ?? '', new RegExp(`key=${keys[0]} group=tapes`));
});

test('never gives one key twice, and says so when there is none left', async () => {
  const { world, agent } = worldWithAgent(2);
  const ids = [await world.given(createKey, plain(), agent), await world.given(createKey, plain(), agent)];
  assert.notEqual(ids[0]?.key.keyId, ids[1]?.key.keyId);
  assert.equal(await world.refused(createKey, plain(), agent), 'AGENT_NO_READY_KEYS');
});

test('gives no key that no backup holds, and recovers with the next backup', async () => {
  const { world, agent } = worldWithAgent(0);
  const made = world.poolKey();
  assert.equal(await world.refused(createKey, plain(), agent), 'AGENT_NO_READY_KEYS');
  world.backUp();
  assert.equal((await world.given(createKey, plain(), agent)).key.keyId, made);
});

test('uses the named group, and only one that is the agent’s', async () => {
  const { world, agent, other } = worldWithAgent();
  assert.equal(await world.refused(createKey, plain('databases'), agent), 'ACCESS_DENIED');
  assert.equal(await world.refused(createKey, plain('nowhere'), agent), 'ACCESS_DENIED');
  world.commit(world.assignment(agent, other));
  assert.equal((await world.given(createKey, plain('databases'), agent)).key.keyGroupId, 'databases');
  world.commit([set('agent_group', `${agent}:${other}`, { present: 0 })]);
  assert.equal(await world.refused(createKey, plain('databases'), agent), 'ACCESS_DENIED');
});

test('denies an agent without a default group a key without a group', async () => {
  const { world } = worldWithAgent();
  assert.equal(await world.refused(createKey, plain(), world.agent('drive-2')), 'ACCESS_DENIED');
});

test('denies a default group that was taken from the agent, removed, or has no policy', async () => {
  const { world, agent, group } = worldWithAgent();
  world.commit([set('agent_group', `${agent}:${group}`, { present: 0 })]);
  assert.equal(await world.refused(createKey, plain(), agent), 'ACCESS_DENIED');
  world.commit([set('agent_group', `${agent}:${group}`, { present: 1 })]);
  world.commit([set('key_group', group, { keyPolicyId: null })]);
  assert.equal(await world.refused(createKey, plain(), agent), 'ACCESS_DENIED');
  world.commit([removed('key_group', group)]);
  assert.equal(await world.refused(createKey, plain(), agent), 'ACCESS_DENIED');
});

test('finds a group again by the name the agent was shown, cut to 64 bytes', async () => {
  const { world } = worldWithAgent();
  const agent = world.agent('drive-ä', [world.group('x'), world.group('ä'.repeat(64))]);
  const shown = 'ä'.repeat(32);
  assert.equal((await world.given(createKey, plain(shown), agent)).key.keyGroupId, shown);
});

test('wraps the key under the agent’s key wrapping key', async () => {
  const { world, agent } = worldWithAgent();
  const kwk = randomBytes(32);
  const agentKwkId = world.registerKwk(agent, kwk);
  const { key } = await world.given(createKey2, { ...plain(), agentKwkId: agentKwkId.toLowerCase() }, agent);
  assert.equal(key.key.length, 40);
  assert.deepEqual(unwrapKey(kwk, key.key), world.plainKey(key.keyId));
});

test('refuses an unknown key wrapping key and another agent’s before a key is used up', async () => {
  const { world, agent, group, keys } = worldWithAgent();
  const other = world.agent('drive-2', [group]);
  const kwkOfOther = world.registerKwk(other, randomBytes(32));
  for (const agentKwkId of ['D8D64A361117E476', '', 'D8', 'x'.repeat(16)])
    assert.equal(
      await world.refused(createKey2, { ...plain(), agentKwkId }, agent),
      'AGENT_KWK_NOT_REGISTERED',
    );
  assert.equal(
    await world.refused(createKey2, { ...plain(), agentKwkId: kwkOfOther }, agent),
    'AGENT_KWK_ID_MISMATCH',
  );
  assert.ok(keys.every((id) => world.state.get('key', id)?.activatedStamp === null));
});

test('refuses the plain form where only wrapped keys may leave', async () => {
  const { world, agent } = worldWithAgent();
  world.commit([settingFact('fipsModeOnly', true)]);
  assert.equal(await world.refused(createKey, plain(), agent), 'FIPS_MODE_REQUIRED');
  const agentKwkId = world.registerKwk(agent, randomBytes(32));
  assert.equal(await world.refused(createKey2, { ...plain(), agentKwkId }, agent), 'accepted');
});

test('ties the key to the data unit', async () => {
  const { world, agent } = worldWithAgent();
  const unit = world.dataUnit();
  const { key } = await world.given(createKey, plain('', unitOf(unit)), agent);
  assert.equal(world.state.get('data_unit_key', `${unit}:${key.keyId}`)?.present, 1);
});

test('creates a data unit that this KMA does not know yet, with what the agent knows of it', async () => {
  const { world, agent } = worldWithAgent();
  const given = unitOf(UNIT.toLowerCase(), {
    externalUniqueId: '4131',
    externalTag: 'VOL001',
    description: 'd',
  });
  await world.given(createKey, plain('', given), agent);
  const unit = world.state.get('data_unit', UNIT);
  assert.deepEqual(
    [unit?.externalUniqueId, unit?.externalTag, unit?.description, unit?.createdBy],
    ['4131', 'VOL001', 'd', agent],
  );
});

test('takes no external unique ID away from another data unit', async () => {
  const { world, agent } = worldWithAgent();
  world.dataUnit({ externalUniqueId: '4131' });
  await world.given(createKey, plain('', unitOf(UNIT, { externalUniqueId: '4131' })), agent);
  assert.equal(world.state.get('data_unit', UNIT)?.externalUniqueId, null);
});

test('does not take what stands beside the ID for a change of the data unit', async () => {
  const { world, agent } = worldWithAgent();
  const unit = world.dataUnit({ description: 'as it was' });
  const stale = unitOf(unit, { description: 'stale', externalUniqueId: 'no hex', externalTag: 't' });
  await world.given(createKey, plain('', stale), agent);
  assert.equal(world.state.get('data_unit', unit)?.description, 'as it was');
});

test('refuses a data unit ID that is none, and a removed data unit', async () => {
  const { world, agent } = worldWithAgent();
  for (const id of ['24', 'g'.repeat(32), `${UNIT}00`])
    assert.equal(await world.refused(createKey, plain('', unitOf(id)), agent), 'INVALID_DATA_UNIT_ID');
  const unit = world.dataUnit();
  world.commit([removed('data_unit', unit)]);
  assert.equal(await world.refused(createKey, plain('', unitOf(unit)), agent), 'DATA_UNIT_NOT_FOUND');
});

test('refuses fields that are too long as invalid parameters', async () => {
  const { world, agent } = worldWithAgent();
  const long = 'x'.repeat(65);
  assert.equal(await world.refused(createKey, plain(long), agent), 'AGENT_INVALID_PARAMETERS');
  const unit = unitOf(UNIT, { externalTag: long });
  assert.equal(await world.refused(createKey, plain('', unit), agent), 'AGENT_INVALID_PARAMETERS');
  assert.equal(await world.refused(createKey, plain('\u{1F511}'.repeat(64)), agent), 'ACCESS_DENIED');
});

test('holds the number of keys of one data unit', async () => {
  const { world, agent } = worldWithAgent();
  const unit: DataUnitId = world.dataUnit();
  const facts = Array.from({ length: KEYS_PER_DATA_UNIT_MAX }, (_, i) => {
    const id = `${unit}:K${i}`;
    return [
      created('data_unit_key', id, { dataUnitId: unit, keyId: `K${i}` as KeyId }),
      set('data_unit_key', id, { present: 1 }),
    ];
  });
  world.commit(facts.flat());
  assert.equal(await world.refused(createKey, plain('', unitOf(unit)), agent), 'LIMIT_EXCEEDED');
});

test('is an error of the program where the caller is no agent', async () => {
  const { world } = worldWithAgent();
  await assert.rejects(world.call(createKey, plain(), { kind: 'local' }), /called by a local/);
});
