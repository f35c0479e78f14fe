/** The key pool: keys made ahead, sealed, each once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { poolStanding } from '../core/readiness.ts';
import { readSetting } from '../core/settings.ts';
import { sha256Hex } from '../security/sealing.ts';
import { fillKeyPool, modifyKeyPoolSize, noteLowKeyPool } from './key-pool.ts';
import { World } from './world.fixture.ts';

test('keys are made at the log position of their entry, and none is Ready by that', async () => {
  const world = new World();
  await world.did(fillKeyPool, { count: 3 });
  assert.deepEqual(poolStanding(world.state, world.self.incarnationId), { ready: 0, unissued: 3 });
  const keys = world.state.page('key', '', 10);
  assert.deepEqual(
    keys.map(({ madeSeq }) => madeSeq),
    [world.seq, world.seq, world.seq],
  );
  assert.ok(keys.every(({ id }) => /^0000[0-9A-F]{56}$/.test(id)));
});

test('each key is a sealed object of 32 random bytes, named by the hash of its ciphertext', async () => {
  const world = new World();
  await world.did(fillKeyPool, { count: 20 });
  const values = world.state.page('key', '', 100).map((key) => {
    assert.ok(key.objectId !== null);
    const object = world.objects.get(key.objectId);
    assert.equal(object?.class, 'root-sealed');
    assert.equal(sha256Hex(object?.bytes ?? Buffer.alloc(0)), key.objectSha256);
    return world.tools().openObject(key.objectId).reveal().toString('hex');
  });
  assert.ok(values.every((value) => value.length === 64 && !/^0+$/.test(value)));
  assert.equal(new Set(values).size, 20);
});

test('no key value is in the facts', async () => {
  const world = new World();
  const { decision } = await world.did(fillKeyPool, { count: 1 });
  const objectId = world.state.page('key', '', 1)[0]?.objectId;
  assert.ok(objectId != null);
  const value = world.tools().openObject(objectId).reveal().toString('hex');
  assert.ok(!JSON.stringify(decision?.facts).toLowerCase().includes(value));
});

test('one filling makes 1 to 500 keys', async () => {
  const world = new World();
  for (const count of [0, 501])
    assert.equal(await world.refusal(fillKeyPool, { count }), 'INVALID_PARAMETERS');
});

test('the pool has 1000 to 200,000 keys', async () => {
  const world = new World();
  const { decision } = await world.did(modifyKeyPoolSize, { size: 200_000 });
  assert.equal(readSetting(world.state, 'keyPoolSize'), 200_000);
  assert.deepEqual(decision?.effects, [{ effect: 'pool-changed' }]);
  for (const size of [999, 200_001])
    assert.equal(await world.refusal(modifyKeyPoolSize, { size }), 'INVALID_PARAMETERS');
});

test('a low pool is recorded as a warning that names the command', async () => {
  const { decision } = await new World().did(noteLowKeyPool, { ready: 3, size: 1000 });
  assert.equal(decision?.audit?.severity, 'warning');
  assert.match(decision?.audit?.message ?? '', /kma backup/);
});
