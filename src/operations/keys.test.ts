/** Keys: what a Compliance Officer and an Operator can do to them, and when not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, event } from '../core/facts.ts';
import type { DataUnitId, IncarnationId, KeyGroupId } from '../core/ids.ts';
import { byName } from '../core/live.ts';
import { confirmErasures } from './appliance-upkeep.ts';
import { createKeyGroup } from './key-groups.ts';
import { createKeyPolicy } from './key-policies.ts';
import {
  changeKeyGroup,
  compromiseKey,
  destroyKeys,
  listKeys,
  listPerhapsIssuedKeys,
  showKey,
} from './keys.ts';
import { DAY_MS, World } from './world.fixture.ts';

interface Setting {
  readonly world: World;
  readonly group: KeyGroupId;
  readonly dataUnitId: DataUnitId;
}
/** Keys of the groups encrypt for a day and decrypt for two. */
async function setting(): Promise<Setting> {
  const world = new World();
  await world.did(createKeyPolicy, { policy: 'p', encryptionPeriod: '1d', cryptoperiod: '2d' });
  for (const group of ['one', 'two']) await world.did(createKeyGroup, { group, policy: 'p' });
  const group = byName(world.state, 'key_group', 'one')?.id as KeyGroupId;
  return { world, group, dataUnitId: world.dataUnit() };
}
const stateOf = async (world: World, keyId: string) => (await world.did(showKey, { keyId })).output.state;

test('a key goes through its states as time passes', async () => {
  const { world, group, dataUnitId } = await setting();
  const keyId = world.issuedKey(dataUnitId, group);
  assert.equal(await stateOf(world, keyId), 'PROTECT_AND_PROCESS');
  world.nowMs += DAY_MS;
  assert.equal(await stateOf(world, keyId), 'PROCESS_ONLY');
  world.nowMs += DAY_MS;
  assert.equal(await stateOf(world, keyId), 'DEACTIVATED');
  assert.equal(await stateOf(world, world.poolKey()), 'GENERATED');
});

test('a key shows when its periods end, and an earlier end where it was revoked', async () => {
  const { world, group, dataUnitId } = await setting();
  const keyId = world.issuedKey(dataUnitId, group);
  const startMs = world.state.get('key', keyId)?.activatedAt ?? 0;
  const seen = async () => {
    const { output } = await world.did(showKey, { keyId });
    return [output.keyType, output.encryptionEndsAt, output.deactivatesAt, output.revokedAt];
  };
  const at = (ms: number) => new Date(startMs + ms).toISOString();
  assert.deepEqual(await seen(), ['AES-256', at(DAY_MS), at(2 * DAY_MS), '']);
  world.commit([event('key', keyId, 'revoked', { revokedAt: startMs + 1000 })]);
  assert.deepEqual(await seen(), ['AES-256', at(1000), at(1000), at(1000)]);
  world.poolKey();
  const [unissued] = (await world.did(listKeys, { filter: ['state=GENERATED'] })).output.rows;
  assert.deepEqual([unissued?.encryptionEndsAt, unissued?.deactivatesAt], ['', '']);
});

test('keys are listed by state, group and data unit, and a list goes on where it ended', async () => {
  const { world, group, dataUnitId } = await setting();
  const keys = [world.issuedKey(dataUnitId, group), world.issuedKey(dataUnitId, group)];
  const pool = world.poolKey();
  const idsOf = async (input: object) =>
    (await world.did(listKeys, input)).output.rows.map(({ keyId }) => keyId);
  assert.deepEqual(await idsOf({ dataUnitId, sort: 'keyId' }), [...keys].sort());
  assert.deepEqual((await idsOf({ filter: ['group=one'] })).sort(), [...keys].sort());
  assert.deepEqual(await idsOf({ filter: ['group=two'] }), []);
  assert.deepEqual(await idsOf({ filter: ['state=GENERATED'] }), [pool]);
  for (const scope of [{}, { dataUnitId }]) {
    const all = await idsOf(scope);
    const first = (await world.did(listKeys, { ...scope, limit: 1 })).output;
    const rest = await idsOf({ ...scope, after: first.next });
    assert.deepEqual([first.rows[0]?.keyId, ...rest], all);
    assert.equal(await world.refusal(listKeys, { sort: 'state', after: first.next }), 'CURSOR_INVALID');
  }
  assert.equal(await world.refusal(listKeys, { dataUnitId: '0'.repeat(32) }), 'DATA_UNIT_NOT_FOUND');
});

test('a key that was handed out moves to another group, a pool key does not', async () => {
  const { world, group, dataUnitId } = await setting();
  const keyId = world.issuedKey(dataUnitId, group);
  await world.did(changeKeyGroup, { keyId, group: 'two' });
  assert.equal((await world.did(showKey, { keyId })).output.group, 'two');
  assert.equal(await world.refusal(changeKeyGroup, { keyId, group: 'no' }), 'KEY_GROUP_DOES_NOT_EXIST');
  const poolKey = { keyId: world.poolKey(), group: 'two' };
  assert.equal(await world.refusal(changeKeyGroup, poolKey), 'KEY_DOES_NOT_EXIST');
});

test('a key is compromised once, with a comment', async () => {
  const { world, group, dataUnitId } = await setting();
  const keyId = world.issuedKey(dataUnitId, group);
  assert.equal(await world.refusal(compromiseKey, { keyId, comment: '' }), 'INVALID_PARAMETERS');
  const { decision } = await world.did(compromiseKey, { keyId, comment: 'stolen' });
  assert.deepEqual(decision?.effects, []);
  const { output } = await world.did(showKey, { keyId });
  assert.deepEqual([output.state, output.compromisedComment], ['COMPROMISED', 'stolen']);
  assert.equal(await world.refusal(compromiseKey, { keyId, comment: 'again' }), 'KEY_ALREADY_COMPROMISED');
  const unknown = { keyId: '0'.repeat(60), comment: 'x' };
  assert.equal(await world.refusal(compromiseKey, unknown), 'KEY_DOES_NOT_EXIST');
});

test('a compromised pool key leaves the pool', async () => {
  const { world } = await setting();
  const keyId = world.poolKey();
  const { decision } = await world.did(compromiseKey, { keyId, comment: 'disk was read' });
  assert.deepEqual(decision?.effects, [{ effect: 'pool-changed' }]);
  const pool = world.state.scan('key', 'pool', {
    equals: [world.self.incarnationId],
    limit: 9,
  });
  assert.deepEqual(pool, []);
});

test('only deactivated and compromised keys are destroyed, and their sealed bytes with them', async () => {
  const { world, group, dataUnitId } = await setting();
  const old = world.issuedKey(dataUnitId, group);
  world.nowMs += 2 * DAY_MS;
  const fresh = world.issuedKey(dataUnitId, group);
  const stolen = world.issuedKey(dataUnitId, group);
  await world.did(compromiseKey, { keyId: stolen, comment: 'stolen' });
  const { output, decision } = await world.did(destroyKeys, { dataUnitId, comment: 'end of retention' });
  assert.deepEqual(output, { destroyed: 2, left: 0 });
  assert.equal(await stateOf(world, fresh), 'PROTECT_AND_PROCESS');
  for (const keyId of [old, stolen]) {
    assert.ok(!world.objects.has(world.state.get('key', keyId)?.objectId ?? ''));
    assert.ok(decision?.audit?.message.includes(keyId));
  }
  assert.ok(world.objects.has(world.state.get('key', fresh)?.objectId ?? ''));
});

test('flags choose which kind is destroyed', async () => {
  const { world, group, dataUnitId } = await setting();
  const old = world.issuedKey(dataUnitId, group);
  world.nowMs += 2 * DAY_MS;
  const stolen = world.issuedKey(dataUnitId, group);
  await world.did(compromiseKey, { keyId: stolen, comment: 'stolen' });
  await world.did(destroyKeys, { dataUnitId, comment: 'x', deactivated: false });
  assert.equal(await stateOf(world, old), 'DEACTIVATED');
  assert.equal(await stateOf(world, stolen), 'DESTROYED_COMPROMISED_INCOMPLETE');
});

test('where nothing can be destroyed nothing is', async () => {
  const { world, group, dataUnitId } = await setting();
  const keyId = world.issuedKey(dataUnitId, group);
  const input = { dataUnitId, comment: 'x' };
  assert.equal(await world.refusal(destroyKeys, input), 'KEY_NOT_DESTROYABLE');
  assert.ok(world.objects.has(world.state.get('key', keyId)?.objectId ?? ''));
  assert.equal(
    await world.refusal(destroyKeys, { ...input, dataUnitId: '0'.repeat(32) }),
    'DATA_UNIT_NOT_FOUND',
  );
});

test('a destroyed key is complete when its erasure is confirmed and no backup may hold it', async () => {
  const { world, group, dataUnitId } = await setting();
  const keyId = world.issuedKey(dataUnitId, group);
  await world.did(compromiseKey, { keyId, comment: 'stolen' });
  await world.did(destroyKeys, { dataUnitId, comment: 'x' });
  assert.equal(await stateOf(world, keyId), 'DESTROYED_COMPROMISED_INCOMPLETE');
  await world.did(confirmErasures, { objectIds: [world.state.get('key', keyId)?.objectId] });
  assert.equal(await stateOf(world, keyId), 'DESTROYED_COMPROMISED_COMPLETE');
});

test('a destroyed key can still be declared compromised, and is not destroyed again', async () => {
  const { world, group, dataUnitId } = await setting();
  const keyId = world.issuedKey(dataUnitId, group);
  world.nowMs += 2 * DAY_MS;
  await world.did(destroyKeys, { dataUnitId, comment: 'x' });
  await world.did(compromiseKey, { keyId, comment: 'found out later' });
  assert.equal(await stateOf(world, keyId), 'DESTROYED_COMPROMISED_INCOMPLETE');
  assert.equal(await world.refusal(destroyKeys, { dataUnitId, comment: 'x' }), 'KEY_NOT_DESTROYABLE');
});

test('keys that an ended life left in its pool are listed as perhaps issued', async () => {
  const { world } = await setting();
  const ended = 'E'.repeat(16) as IncarnationId;
  world.commit([
    created('incarnation', ended, {
      kmaId: world.self.kmaId,
      logPublicKey: '',
      replicationPublicKey: '',
      createdAt: 0,
      reason: 'restore',
      clusterEpochId: '',
      baseVectorJson: '{}',
    }),
    event('incarnation', ended, 'ended', { endedAt: world.nowMs }),
  ]);
  const left = world.poolKey(ended);
  world.poolKey();
  const output = await world.rows(listPerhapsIssuedKeys);
  assert.deepEqual(
    output.map(({ keyId }) => keyId),
    [left],
  );
});
