/** The agents' data unit calls: what they create, fill in and leave alone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { removed, set } from '../../core/facts.ts';
import { foldEntry } from '../../core/fold.ts';
import type { AgentId, DataUnitId, IncarnationId } from '../../core/ids.ts';
import { hlc, stampOf } from '../../core/stamp.ts';
import { DAY_MS } from '../world.fixture.ts';
import { AgentWorld, unitOf } from './agent-world.fixture.ts';
import { createKey } from './create-key.ts';
import {
  createDataUnit,
  disassociateDataUnitKeys,
  retrieveDataUnit,
  retrieveDataUnitByExternalUniqueId,
} from './data-units.ts';
import { retrieveDataUnitKeys } from './retrieve-data-unit-keys.ts';

const UNIT = '00112233445566778899AABBCCDDEEFF';
const about = (externalUniqueId = '', externalTag = '', description = '') => ({
  externalUniqueId,
  externalTag,
  description,
});

function worldWithAgent(): { readonly world: AgentWorld; readonly agent: AgentId } {
  const world = new AgentWorld();
  return { world, agent: world.agent('drive-1', [world.group('tapes')]) };
}

test('creates a data unit with a random ID', async () => {
  const { world, agent } = worldWithAgent();
  const { dataUnit } = await world.given(
    createDataUnit,
    about('5441504a', 'VOL001', 'Beschreibung ä'),
    agent,
  );
  assert.match(dataUnit.dataUnitId, /^[0-9A-F]{32}$/);
  assert.deepEqual(dataUnit, {
    dataUnitId: dataUnit.dataUnitId,
    externalUniqueId: '5441504A',
    externalTag: 'VOL001',
    description: 'Beschreibung ä',
    state: 'DATA-UNIT-STATE-NO-KEY',
  });
  assert.equal(world.state.get('data_unit', dataUnit.dataUnitId)?.createdBy, agent);
});

test('creates any number of data units without an external unique ID, and one with each', async () => {
  const { world, agent } = worldWithAgent();
  for (let i = 0; i < 3; i++) assert.equal(await world.refused(createDataUnit, about(), agent), 'accepted');
  assert.equal(await world.refused(createDataUnit, about('AB'), agent), 'accepted');
  assert.equal(await world.refused(createDataUnit, about('ab'), agent), 'AGENT_DUPLICATE_EXTERNAL_ID');
});

test('refuses external unique IDs that are none', async () => {
  const { world, agent } = worldWithAgent();
  for (const id of ['A', 'xy', 'AB'.repeat(33), ' AB'])
    assert.equal(await world.refused(createDataUnit, about(id), agent), 'AGENT_INVALID_EXTERNAL_ID');
  assert.equal(await world.refused(createDataUnit, about('AB'.repeat(32)), agent), 'accepted');
});

test('gives a known data unit as it is, and fills in what was empty', async () => {
  const { world, agent } = worldWithAgent();
  const id = world.dataUnit({ description: 'kept' });
  const input = { dataUnitId: id.toLowerCase(), ...about('4E45', 'tag1', 'other') };
  const { output, decision } = await world.accepted(retrieveDataUnit, input, agent);
  assert.deepEqual(output.dataUnit, {
    ...unitOf(id, { externalUniqueId: '4E45', externalTag: 'tag1', description: 'kept' }),
  });
  assert.equal(decision.factsOptional, true);
  const row = world.state.get('data_unit', id);
  assert.deepEqual([row?.externalUniqueId, row?.externalTag, row?.description], ['4E45', 'tag1', 'kept']);
  const again = await world.accepted(retrieveDataUnit, { dataUnitId: id, ...about('', 'tag2', '') }, agent);
  assert.deepEqual([again.decision.facts, again.output.dataUnit.externalTag], [[], 'tag1']);
});

test('creates a data unit under the ID that the agent knows it by', async () => {
  const { world, agent } = worldWithAgent();
  const { dataUnit } = await world.given(
    retrieveDataUnit,
    { dataUnitId: UNIT, ...about('4E45', 't', 'd') },
    agent,
  );
  assert.equal(dataUnit.dataUnitId, UNIT);
  assert.equal(world.state.get('data_unit', UNIT)?.externalUniqueId, '4E45');
});

test('says nothing of a data unit made elsewhere that it is not told: what its maker said stays', async () => {
  const { world, agent } = worldWithAgent();
  world.fill(1);
  const twin = 'F'.repeat(32);
  await world.given(retrieveDataUnit, { dataUnitId: UNIT, ...about() }, agent);
  await world.given(createKey, { dataUnit: unitOf(twin), keyGroupId: '' }, agent);
  const stamp = stampOf(hlc(1, 0), 'EE'.repeat(8) as IncarnationId);
  const facts = [UNIT, twin].map((id) => set('data_unit', id, { externalTag: 'VOL001', description: 'a' }));
  foldEntry(world.state, { v: 1, stamp, operation: 'CreateDataUnit', facts });
  for (const dataUnitId of [UNIT, twin]) {
    const { dataUnit } = await world.given(retrieveDataUnit, { dataUnitId, ...about() }, agent);
    assert.deepEqual([dataUnit.externalTag, dataUnit.description], ['VOL001', 'a']);
  }
});

test('an external unique ID of another data unit is refused, differently for a known and an unknown one', async () => {
  const { world, agent } = worldWithAgent();
  world.dataUnit({ externalUniqueId: 'AB' });
  const known = world.dataUnit({ externalUniqueId: 'CD' });
  const refused = (dataUnitId: string) =>
    world.refused(retrieveDataUnit, { dataUnitId, ...about('ab') }, agent);
  assert.equal(await refused(known), 'AGENT_DUPLICATE_EXTERNAL_ID');
  assert.equal(await refused(UNIT), 'AGENT_DATA_UNIT_ID_NOT_FOUND_EXTERNAL_ID_EXISTS');
  assert.equal(world.state.get('data_unit', UNIT), undefined);
});

test('keeps an external unique ID against another that nobody has', async () => {
  const { world, agent } = worldWithAgent();
  const id = world.dataUnit({ externalUniqueId: 'AB' });
  const { dataUnit } = await world.given(retrieveDataUnit, { dataUnitId: id, ...about('EF') }, agent);
  assert.equal(dataUnit.externalUniqueId, 'AB');
});

test('refuses data unit IDs that are none, and removed data units', async () => {
  const { world, agent } = worldWithAgent();
  const refused = (dataUnitId: string) => world.refused(retrieveDataUnit, { dataUnitId, ...about() }, agent);
  for (const id of ['', 'AB', 'x'.repeat(32)]) assert.equal(await refused(id), 'INVALID_DATA_UNIT_ID');
  const id = world.dataUnit();
  world.commit([removed('data_unit', id)]);
  assert.equal(await refused(id), 'DATA_UNIT_NOT_FOUND');
});

test('looks a data unit up by its external unique ID without changing it', async () => {
  const { world, agent } = worldWithAgent();
  const id = world.dataUnit({ externalUniqueId: 'AB', description: 'PKCS#11v2.20: 041f' });
  const { output, decision } = await world.accepted(
    retrieveDataUnitByExternalUniqueId,
    about('ab', 'mykey', 'Oracle PKCS11/KMS'),
    agent,
  );
  const shown = unitOf(id, { externalUniqueId: 'AB', description: 'PKCS#11v2.20: 041f' });
  assert.deepEqual([output.dataUnit, decision.facts], [shown, []]);
});

test('creates the data unit where nobody has the external unique ID', async () => {
  const { world, agent } = worldWithAgent();
  const { dataUnit } = await world.given(retrieveDataUnitByExternalUniqueId, about('4131', 't', 'd'), agent);
  assert.deepEqual(
    [dataUnit.externalUniqueId, dataUnit.externalTag, dataUnit.description],
    ['4131', 't', 'd'],
  );
  const again = await world.given(retrieveDataUnitByExternalUniqueId, about('4131'), agent);
  assert.equal(again.dataUnit.dataUnitId, dataUnit.dataUnitId);
});

test('an empty external unique ID finds nothing and creates nothing', async () => {
  const { world, agent } = worldWithAgent();
  world.dataUnit({ externalUniqueId: '' });
  assert.equal(
    await world.refused(retrieveDataUnitByExternalUniqueId, about(), agent),
    'AGENT_INVALID_EXTERNAL_ID',
  );
});

test('of twins made on two sides the earlier is found by the external unique ID, each by its own ID', async () => {
  const { world, agent } = worldWithAgent();
  const first = world.dataUnit({ externalUniqueId: 'AB' });
  const second = world.dataUnit({ externalUniqueId: 'AB' });
  const found = await world.given(retrieveDataUnitByExternalUniqueId, about('AB'), agent);
  assert.equal(found.dataUnit.dataUnitId, first);
  const own = await world.given(retrieveDataUnit, { dataUnitId: second, ...about('AB') }, agent);
  assert.equal(own.dataUnit.dataUnitId, second);
});

test('refuses tags and descriptions beyond 64 characters', async () => {
  const { world, agent } = worldWithAgent();
  for (const input of [about('', 'x'.repeat(65)), about('', '', 'x'.repeat(65))])
    assert.equal(await world.refused(createDataUnit, input, agent), 'AGENT_INVALID_PARAMETERS');
  assert.equal(await world.refused(createDataUnit, about('', 'ä'.repeat(64)), agent), 'accepted');
});

test('takes from an overwritten unit every key but those to encrypt with', async () => {
  const { world } = worldWithAgent();
  const group = world.group('x');
  const agent = world.agent('drive-2', [group]);
  const unit: DataUnitId = world.dataUnit({ externalUniqueId: 'AB' });
  const twin = world.dataUnit({ externalUniqueId: 'AB' });
  const old = [world.issuedKey(unit, group), world.issuedKey(twin, group)];
  const foreign = world.issuedKey(unit, world.group('y'));
  world.nowMs += DAY_MS;
  const current = world.issuedKey(unit, group);
  await world.given(disassociateDataUnitKeys, { dataUnit: unitOf(unit) }, agent);
  const page = { dataUnit: unitOf(unit), pageSize: 32, pageOffset: 0 };
  const { keys } = await world.given(retrieveDataUnitKeys, page, agent);
  assert.deepEqual(
    keys.map(({ keyId }) => keyId),
    [current],
  );
  assert.equal(world.state.get('data_unit_key', `${unit}:${foreign}`)?.present, 1);
  for (const id of old) assert.equal(world.state.get('key', id)?.destroyedStamp, null);
  const { dataUnit } = await world.given(retrieveDataUnit, { dataUnitId: unit, ...about() }, agent);
  assert.equal(dataUnit.state, 'DATA-UNIT-STATE-READABLE-NORMAL');
});

test('a unit whose keys are all gone has none, and one that is unknown is not found', async () => {
  const { world } = worldWithAgent();
  const group = world.group('x');
  const agent = world.agent('drive-2', [group]);
  const unit = world.dataUnit();
  world.issuedKey(unit, group);
  world.nowMs += DAY_MS;
  const state = async () =>
    (await world.given(retrieveDataUnit, { dataUnitId: unit, ...about() }, agent)).dataUnit.state;
  assert.equal(await state(), 'DATA-UNIT-STATE-READABLE-NEEDS-REKEY');
  await world.given(disassociateDataUnitKeys, { dataUnit: unitOf(unit) }, agent);
  assert.equal(await state(), 'DATA-UNIT-STATE-NO-KEY');
  const refused = (id: string) => world.refused(disassociateDataUnitKeys, { dataUnit: unitOf(id) }, agent);
  assert.deepEqual([await refused(UNIT), await refused('')], ['DATA_UNIT_NOT_FOUND', 'INVALID_DATA_UNIT_ID']);
});
