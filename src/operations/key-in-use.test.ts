/** The note whether a data unit uses a key: set, taken back, shown, and refused for what does not belong together. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, set } from '../core/facts.ts';
import type { DataUnitId, KeyGroupId } from '../core/ids.ts';
import { byName } from '../core/live.ts';
import { createKeyGroup } from './key-groups.ts';
import { setKeyInUse } from './key-in-use.ts';
import { createKeyPolicy } from './key-policies.ts';
import { listKeys, showKey } from './keys.ts';
import { World } from './world.fixture.ts';

async function setting() {
  const world = new World();
  await world.did(createKeyPolicy, { policy: 'p', encryptionPeriod: '1d', cryptoperiod: '2d' });
  await world.did(createKeyGroup, { group: 'one', policy: 'p' });
  const dataUnitId = world.dataUnit();
  const keyId = world.issuedKey(dataUnitId, byName(world.state, 'key_group', 'one')?.id as KeyGroupId);
  const inUse = async () => (await world.did(showKey, { keyId })).output.inUse;
  return { world, dataUnitId, keyId, inUse };
}

test('a key is in use until an Operator says otherwise, and can be again', async () => {
  const { world, dataUnitId, keyId, inUse } = await setting();
  assert.equal(await inUse(), true);
  const { decision } = await world.did(setKeyInUse, { dataUnitId, keyId, inUse: false });
  assert.equal(decision?.audit?.message, `dataUnit=${dataUnitId} key=${keyId} inUse=false before=true`);
  assert.equal(await inUse(), false);
  const [listed] = (await world.did(listKeys, { dataUnitId })).output.rows;
  assert.equal(listed?.inUse, false);
  assert.deepEqual((await world.did(setKeyInUse, { dataUnitId, keyId, inUse: false })).decision?.facts, []);
  await world.did(setKeyInUse, { dataUnitId, keyId, inUse: true });
  assert.equal(await inUse(), true);
});

test('a key of two data units is in use while one of them uses it; one of none is not', async () => {
  const { world, dataUnitId, keyId, inUse } = await setting();
  const second: DataUnitId = world.dataUnit();
  const pair = `${second}:${keyId}`;
  world.commit([
    created('data_unit_key', pair, { dataUnitId: second, keyId }),
    set('data_unit_key', pair, { present: 1 }),
  ]);
  await world.did(setKeyInUse, { dataUnitId, keyId, inUse: false });
  assert.equal(await inUse(), true);
  await world.did(setKeyInUse, { dataUnitId: second, keyId, inUse: false });
  assert.equal(await inUse(), false);
  assert.equal((await world.did(showKey, { keyId: world.poolKey() })).output.inUse, false);
});

test('an unknown data unit, or a key that is not or no longer its own, is refused', async () => {
  const { world, dataUnitId, keyId } = await setting();
  const refusal = (input: object) =>
    world.refusal(setKeyInUse, { dataUnitId, keyId, inUse: false, ...input });
  assert.equal(await refusal({ dataUnitId: '0'.repeat(32) }), 'DATA_UNIT_NOT_FOUND');
  assert.equal(await refusal({ dataUnitId: world.dataUnit() }), 'KEY_DOES_NOT_EXIST');
  assert.equal(await refusal({ keyId: world.poolKey() }), 'KEY_DOES_NOT_EXIST');
  world.commit([set('data_unit_key', `${dataUnitId}:${keyId}`, { present: 0 })]);
  assert.equal(await refusal({}), 'KEY_DOES_NOT_EXIST');
});
