/** Many keys declared compromised at once: which, how many, and never half a list. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KeyGroupId } from '../core/ids.ts';
import { byName } from '../core/live.ts';
import { compromiseKeys } from './compromise-keys.ts';
import { createKeyGroup } from './key-groups.ts';
import { createKeyPolicy } from './key-policies.ts';
import { compromiseKey, destroyKeys, listKeys, showKey } from './keys.ts';
import { World } from './world.fixture.ts';

async function setting(keys: number) {
  const world = new World();
  await world.did(createKeyPolicy, { policy: 'p', encryptionPeriod: '1d', cryptoperiod: '2d' });
  await world.did(createKeyGroup, { group: 'one', policy: 'p' });
  const group = byName(world.state, 'key_group', 'one')?.id as KeyGroupId;
  const dataUnitId = world.dataUnit();
  const keyIds = Array.from({ length: keys }, () => world.issuedKey(dataUnitId, group));
  const stateOf = async (keyId: string) => (await world.did(showKey, { keyId })).output.state;
  return { world, dataUnitId, keyIds, stateOf };
}

test('keys that are named are compromised together, pool keys too, and one record names them', async () => {
  const { world, keyIds, stateOf } = await setting(3);
  const pool = world.poolKey();
  const [first = '', second = '', third = ''] = keyIds;
  const named = [first, second.toLowerCase(), first, pool];
  const { output, decision } = await world.did(compromiseKeys, { keyIds: named, comment: 'van was robbed' });
  assert.deepEqual(output, { compromised: 3, left: 0 });
  for (const keyId of [first, second, pool]) {
    assert.equal(await stateOf(keyId), 'COMPROMISED');
    assert.ok(decision?.audit?.message.includes(keyId));
  }
  assert.deepEqual(decision?.effects, [{ effect: 'pool-changed' }]);
  assert.equal((await world.did(showKey, { keyId: second })).output.compromisedComment, 'van was robbed');
  assert.equal(await stateOf(third), 'PROTECT_AND_PROCESS');
});

test('one unknown key ID, and none of the list is compromised', async () => {
  const { world, keyIds, stateOf } = await setting(1);
  const input = { keyIds: [...keyIds, '0'.repeat(60)], comment: 'x' };
  assert.equal(await world.refusal(compromiseKeys, input), 'KEY_DOES_NOT_EXIST');
  assert.equal(await stateOf(keyIds[0] ?? ''), 'PROTECT_AND_PROCESS');
});

test('all keys of a data unit, at most 200 at once; those that are compromised already are passed over', async () => {
  const { world, dataUnitId, keyIds } = await setting(203);
  await world.did(compromiseKey, { keyId: keyIds[0], comment: 'first' });
  const input = { dataUnitId, comment: 'tape was stolen' };
  const did = async () => (await world.did(compromiseKeys, input)).output;
  assert.deepEqual(await did(), { compromised: 200, left: 2 });
  assert.deepEqual(await did(), { compromised: 2, left: 0 });
  assert.equal(await world.refusal(compromiseKeys, input), 'KEY_ALREADY_COMPROMISED');
  const output = await world.rows(listKeys, { dataUnitId, filter: ['state=COMPROMISED'], limit: 300 });
  assert.equal(output.length, 203);
  const { compromisedComment } = (await world.did(showKey, { keyId: keyIds[0] })).output;
  assert.equal(compromisedComment, 'first');
});

test('destroyed keys of the data unit are among them', async () => {
  const { world, dataUnitId, keyIds, stateOf } = await setting(1);
  world.nowMs += 3 * 86_400_000;
  await world.did(destroyKeys, { dataUnitId, comment: 'old' });
  await world.did(compromiseKeys, { dataUnitId, comment: 'found out later' });
  assert.equal(await stateOf(keyIds[0] ?? ''), 'DESTROYED_COMPROMISED_INCOMPLETE');
});

test('neither both nor nothing, no comment left out, no unknown data unit', async () => {
  const { world, dataUnitId, keyIds } = await setting(1);
  for (const input of [
    { comment: 'x' },
    { keyIds, dataUnitId, comment: 'x' },
    { keyIds: [], comment: 'x' },
    { keyIds: Array.from({ length: 201 }, () => keyIds[0]), comment: 'x' },
    { keyIds, comment: '' },
    { keyIds },
  ])
    assert.equal(await world.refusal(compromiseKeys, input), 'INVALID_PARAMETERS');
  const unknown = { dataUnitId: '0'.repeat(32), comment: 'x' };
  assert.equal(await world.refusal(compromiseKeys, unknown), 'DATA_UNIT_NOT_FOUND');
});
