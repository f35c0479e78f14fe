/** The keys of a data unit: order, pages, and the key to encrypt with. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { unwrapKey } from '@openkma/protocol';
import { event, set } from '../../core/facts.ts';
import type { AgentId, DataUnitId, KeyId } from '../../core/ids.ts';
import { DAY_MS } from '../world.fixture.ts';
import { AgentWorld, NO_UNIT, unitOf } from './agent-world.fixture.ts';
import { createKey } from './create-key.ts';
import { retrieveDataUnitKeys, retrieveDataUnitKeys2 } from './retrieve-data-unit-keys.ts';
import {
  retrieveProtectAndProcessKey,
  retrieveProtectAndProcessKey2,
} from './retrieve-protect-and-process-key.ts';

interface Unit {
  readonly world: AgentWorld;
  readonly agent: AgentId;
  readonly unit: DataUnitId;
  /** In the order of their hand-out; the first is older than its encryption period. */
  readonly keys: readonly KeyId[];
}

async function unitWithKeys(count: number): Promise<Unit> {
  const world = new AgentWorld();
  const group = world.group('tapes');
  const agent = world.agent('drive-1', [group]);
  const unit = world.dataUnit({ externalUniqueId: '4131' });
  world.fill(2);
  const keys = Array.from({ length: count }, (_, index) => {
    if (index === 1) world.nowMs += DAY_MS;
    return world.issuedKey(unit, group);
  });
  return { world, agent, unit, keys };
}

const page = (unit: string, pageSize = 32, pageOffset = 0, keyId?: string) => ({
  dataUnit: unitOf(unit),
  pageSize,
  pageOffset,
  ...(keyId === undefined ? {} : { keyId }),
});
const idsOf = (reply: { readonly keys: readonly { readonly keyId: string }[] }) =>
  reply.keys.map(({ keyId }) => keyId);

test('lists the newest key to encrypt with first, the others in the order of their making', async () => {
  const { world, agent, unit, keys } = await unitWithKeys(4);
  const reply = await world.given(retrieveDataUnitKeys, page(unit), agent);
  assert.deepEqual(idsOf(reply), [keys[3], keys[0], keys[1], keys[2]]);
  assert.deepEqual(
    reply.keys.map(({ keyState }) => keyState),
    [
      'KEY-STATE-PROTECT-AND-PROCESS',
      'KEY-STATE-PROCESS-ONLY',
      'KEY-STATE-PROTECT-AND-PROCESS',
      'KEY-STATE-PROTECT-AND-PROCESS',
    ],
  );
  assert.deepEqual(reply.keys[0]?.key, world.plainKey(keys[3] ?? ''));
  assert.equal(reply.keysRemaining, 0);
});

test('pages through all keys, none left out and none twice', async () => {
  const { world, agent, unit, keys } = await unitWithKeys(7);
  const whole = idsOf(await world.given(retrieveDataUnitKeys, page(unit), agent));
  const paged: string[] = [];
  for (let offset = 0; ; offset += 3) {
    const reply = await world.given(retrieveDataUnitKeys, page(unit, 3, offset), agent);
    paged.push(...idsOf(reply));
    assert.equal(reply.keysRemaining, Math.max(0, 7 - offset - 3));
    if (reply.keysRemaining === 0) break;
  }
  assert.deepEqual(paged, whole);
  assert.deepEqual(new Set(paged), new Set(keys));
  assert.deepEqual((await world.given(retrieveDataUnitKeys, page(unit, 3, 99), agent)).keys, []);
});

test('begins at a key ID and goes on to keys handed out later', async () => {
  const { world, agent, unit, keys } = await unitWithKeys(4);
  const reply = await world.given(retrieveDataUnitKeys, page(unit, 2, 0, keys[1]), agent);
  assert.deepEqual(idsOf(reply), [keys[1], keys[2]]);
  assert.equal(reply.keysRemaining, 1);
});

test('retrieves a key that is not the unit’s by itself, and notes its use', async () => {
  const { world, agent, unit } = await unitWithKeys(2);
  const { key } = await world.given(createKey, { dataUnit: NO_UNIT, keyGroupId: '' }, agent);
  const reply = await world.given(retrieveDataUnitKeys, page(unit, 32, 0, key.keyId), agent);
  assert.deepEqual(reply, { keysRemaining: 0, keys: [key] });
  assert.equal(world.state.get('data_unit_key', `${unit}:${key.keyId}`)?.present, 1);
});

test('answers for a key that is not to be had as RetrieveKey does', async () => {
  const { world, agent, unit, keys } = await unitWithKeys(2);
  const first = keys[0] ?? '';
  const asked = (keyId: string) => world.refused(retrieveDataUnitKeys, page(unit, 32, 0, keyId), agent);
  assert.equal(await asked(`0000${'5E'.repeat(28)}`), 'AGENT_KEY_DOES_NOT_EXIST');
  assert.equal(await asked('00'), 'INVALID_KEY_ID');
  world.commit([event('key', first, 'destroyed', { destroyedAt: 1, destroyedComment: '' })]);
  assert.equal(await asked(first), 'AGENT_KEY_DESTROYED');
});

test('lists neither destroyed keys nor keys of groups that are not the agent’s', async () => {
  const { world, agent, unit, keys } = await unitWithKeys(3);
  const foreign = world.issuedKey(unit, world.group('databases'));
  world.commit([event('key', keys[2] ?? '', 'destroyed', { destroyedAt: 1, destroyedComment: '' })]);
  const listed = idsOf(await world.given(retrieveDataUnitKeys, page(unit), agent));
  assert.deepEqual(listed, [keys[1], keys[0]]);
  assert.ok(!listed.includes(foreign));
});

test('finds the keys of another unit with the same external unique ID', async () => {
  const { world, agent, unit, keys } = await unitWithKeys(1);
  const twin = world.dataUnit({ externalUniqueId: '4131' });
  assert.deepEqual(idsOf(await world.given(retrieveDataUnitKeys, page(twin), agent)), keys);
  assert.deepEqual(idsOf(await world.given(retrieveDataUnitKeys, page(unit), agent)), keys);
});

test('a unit without keys has an empty page', async () => {
  const { world, agent } = await unitWithKeys(0);
  const reply = await world.given(retrieveDataUnitKeys, page(world.dataUnit()), agent);
  assert.deepEqual(reply, { keysRemaining: 0, keys: [] });
});

test('refuses what is no page and no data unit', async () => {
  const { world, agent, unit, keys } = await unitWithKeys(1);
  const refused = (input: object) => world.refused(retrieveDataUnitKeys, input, agent);
  for (const [size, offset] of [
    [0, 0],
    [33, 0],
    [-1, 0],
    [1, -1],
    [1.5, 0],
  ] as const)
    assert.equal(await refused(page(unit, size, offset)), 'AGENT_INVALID_PARAMETERS');
  assert.equal(await refused(page(unit, 1, 1, keys[0])), 'AGENT_INVALID_PARAMETERS');
  assert.equal(await refused(page('')), 'INVALID_DATA_UNIT_ID');
  assert.equal(await refused(page('', 1, 0, keys[0])), 'INVALID_DATA_UNIT_ID');
  assert.equal(await refused(page('AB'.repeat(16))), 'DATA_UNIT_NOT_FOUND');
});

test('warns in the audit when an old key is among those given, and names every key', async () => {
  const { world, agent, unit, keys } = await unitWithKeys(2);
  world.nowMs += 2 * DAY_MS;
  const { decision } = await world.accepted(retrieveDataUnitKeys, page(unit), agent);
  assert.deepEqual([decision.audit?.severity, decision.audit?.condition], ['warning', 'Deactivated key']);
  for (const id of keys) assert.match(decision.audit?.message ?? '', new RegExp(id));
});

test('wraps every key of a page', async () => {
  const { world, agent, unit } = await unitWithKeys(3);
  const kwk = randomBytes(32);
  const agentKwkId = world.registerKwk(agent, kwk);
  const { keys } = await world.given(retrieveDataUnitKeys2, { ...page(unit), agentKwkId }, agent);
  for (const { keyId, key } of keys) assert.deepEqual(unwrapKey(kwk, key), world.plainKey(keyId));
  assert.equal(keys.length, 3);
});

const forUnit = (unit: string, keyGroupId = '') => ({ dataUnit: unitOf(unit), keyGroupId });

test('gives the newest key to encrypt with, and no new one', async () => {
  const { world, agent, unit, keys } = await unitWithKeys(3);
  const { output, decision } = await world.accepted(retrieveProtectAndProcessKey, forUnit(unit), agent);
  assert.equal(output.key.keyId, keys[2]);
  assert.deepEqual(decision.facts, []);
});

test('makes a new key where the unit has none to encrypt with', async () => {
  const { world, agent, unit, keys } = await unitWithKeys(1);
  world.nowMs += DAY_MS;
  const { output } = await world.accepted(retrieveProtectAndProcessKey, forUnit(unit), agent);
  assert.ok(!keys.includes(output.key.keyId as KeyId));
  const again = await world.given(retrieveProtectAndProcessKey, forUnit(unit), agent);
  assert.equal(again.key.keyId, output.key.keyId);
});

test('makes a new key where the agent may not have the one there is, in the group it names', async () => {
  const { world, unit, keys } = await unitWithKeys(1);
  const other = world.agent('drive-2', [world.group('a'), world.group('b')]);
  const { key } = await world.given(retrieveProtectAndProcessKey, forUnit(unit, 'b'), other);
  assert.ok(!keys.includes(key.keyId as KeyId));
  assert.equal(key.keyGroupId, 'b');
});

test('creates the unit it does not know, but needs one', async () => {
  const { world, agent } = await unitWithKeys(0);
  const kwk = randomBytes(32);
  const agentKwkId = world.registerKwk(agent, kwk);
  const unknown = 'AB'.repeat(16);
  const input = { ...forUnit(unknown), agentKwkId };
  const { key } = await world.given(retrieveProtectAndProcessKey2, input, agent);
  assert.equal(world.state.get('data_unit_key', `${unknown}:${key.keyId}`)?.present, 1);
  assert.equal(await world.refused(retrieveProtectAndProcessKey, forUnit(''), agent), 'INVALID_DATA_UNIT_ID');
});

test('a key a unit has let go of is not its key to encrypt with', async () => {
  const { world, agent, unit, keys } = await unitWithKeys(2);
  world.commit([set('data_unit_key', `${unit}:${keys[1]}`, { present: 0 })]);
  const { key } = await world.given(retrieveProtectAndProcessKey, forUnit(unit), agent);
  assert.ok(!keys.includes(key.keyId as KeyId));
});
