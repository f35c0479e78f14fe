/** Key groups and which agent may use which. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KeyGroupId } from '../core/ids.ts';
import { byName } from '../core/live.ts';
import { createAgent, deleteAgent, listAgents } from './agents.ts';
import {
  assignKeyGroup,
  createKeyGroup,
  deleteKeyGroup,
  listAgentKeyGroups,
  listKeyGroups,
  modifyKeyGroup,
  setDefaultKeyGroup,
  unassignKeyGroup,
} from './key-groups.ts';
import { createKeyPolicy } from './key-policies.ts';
import { changeKeyGroup } from './keys.ts';
import { World } from './world.fixture.ts';

async function worldWithGroups(): Promise<World> {
  const world = new World();
  for (const policy of ['short', 'long'])
    await world.did(createKeyPolicy, { policy, encryptionPeriod: '1d', cryptoperiod: '2d' });
  for (const group of ['one', 'two']) await world.did(createKeyGroup, { group, policy: 'short' });
  await world.did(createAgent, { agent: 'drive', passphrase: 'Correct-Horse-1' });
  return world;
}
const groupId = (world: World, name: string) => byName(world.state, 'key_group', name)?.id as KeyGroupId;
const defaultOf = async (world: World) => (await world.did(listAgents, {})).output.rows[0]?.defaultKeyGroup;

test('a group needs a policy that exists, and can get another one', async () => {
  const world = await worldWithGroups();
  assert.equal(
    await world.refusal(createKeyGroup, { group: 'g', policy: 'none' }),
    'KEY_POLICY_DOES_NOT_EXIST',
  );
  assert.equal(await world.refusal(createKeyGroup, { group: 'one', policy: 'long' }), 'KEY_GROUP_EXISTS');
  await world.did(modifyKeyGroup, { group: 'one', policy: 'long', description: 'first' });
  const output = await world.rows(listKeyGroups);
  assert.deepEqual(
    output.map(({ group, policy, description }) => [group, policy, description]),
    [
      ['one', 'long', 'first'],
      ['two', 'short', ''],
    ],
  );
});

test('an agent is assigned once and unassigned once', async () => {
  const world = await worldWithGroups();
  const pair = { agent: 'drive', group: 'one' };
  await world.did(assignKeyGroup, pair);
  assert.equal(await world.refusal(assignKeyGroup, pair), 'AGENT_ALREADY_IN_KEY_GROUP');
  assert.equal(await defaultOf(world), '');
  await world.did(unassignKeyGroup, pair);
  assert.equal(await world.refusal(unassignKeyGroup, pair), 'AGENT_NOT_IN_KEY_GROUP');
  await world.did(assignKeyGroup, pair);
  assert.deepEqual((await world.did(listAgentKeyGroups, {})).output.rows, [
    { agent: 'drive', group: 'one', default: false },
  ]);
});

test('the default key group is always assigned', async () => {
  const world = await worldWithGroups();
  await world.did(setDefaultKeyGroup, { agent: 'drive', group: 'one' });
  assert.deepEqual((await world.did(listAgentKeyGroups, { filter: ['agent=drive'] })).output.rows, [
    { agent: 'drive', group: 'one', default: true },
  ]);
  await world.did(assignKeyGroup, { agent: 'drive', group: 'two', default: true });
  assert.equal(await defaultOf(world), 'two');
  await world.did(unassignKeyGroup, { agent: 'drive', group: 'two' });
  assert.equal(await defaultOf(world), '');
});

test('an agent that does not exist, or a group, is named in the refusal', async () => {
  const world = await worldWithGroups();
  assert.equal(await world.refusal(assignKeyGroup, { agent: 'no', group: 'one' }), 'AGENT_DOES_NOT_EXIST');
  assert.equal(
    await world.refusal(assignKeyGroup, { agent: 'drive', group: 'no' }),
    'KEY_GROUP_DOES_NOT_EXIST',
  );
});

test('an agent has at most 100 key groups, which is what the protocol can list', async () => {
  const world = await worldWithGroups();
  for (let i = 0; i < 100; i++) {
    await world.did(createKeyGroup, { group: `g${i}`, policy: 'short' });
    await world.did(assignKeyGroup, { agent: 'drive', group: `g${i}` });
  }
  assert.equal(await world.refusal(assignKeyGroup, { agent: 'drive', group: 'one' }), 'LIMIT_EXCEEDED');
  assert.equal(await world.refusal(setDefaultKeyGroup, { agent: 'drive', group: 'one' }), 'LIMIT_EXCEEDED');
  await world.did(setDefaultKeyGroup, { agent: 'drive', group: 'g7' });
});

test('a group with an agent stays; a deleted agent does not hold it', async () => {
  const world = await worldWithGroups();
  await world.did(setDefaultKeyGroup, { agent: 'drive', group: 'one' });
  assert.equal(await world.refusal(deleteKeyGroup, { group: 'one' }), 'KEY_GROUP_IN_USE');
  await world.did(deleteAgent, { agent: 'drive' });
  assert.equal((await world.did(listKeyGroups, {})).output.rows[0]?.agents, 0);
  await world.did(deleteKeyGroup, { group: 'one' });
});

test('a group with keys stays, also one that keys were moved to', async () => {
  const world = await worldWithGroups();
  const keyId = world.issuedKey(world.dataUnit(), groupId(world, 'one'));
  assert.equal(await world.refusal(deleteKeyGroup, { group: 'one' }), 'KEY_GROUP_IN_USE');
  await world.did(changeKeyGroup, { keyId, group: 'two' });
  assert.equal(await world.refusal(deleteKeyGroup, { group: 'two' }), 'KEY_GROUP_IN_USE');
});
