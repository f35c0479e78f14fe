/** Which backups may hold keys of a data unit: those of the keys' time, and none that is destroyed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, event } from '../core/facts.ts';
import type { BackupId, KeyGroupId } from '../core/ids.ts';
import { byName } from '../core/live.ts';
import { listBackupsWithKeys } from './data-unit-backups.ts';
import { createKeyGroup } from './key-groups.ts';
import { createKeyPolicy } from './key-policies.ts';
import { DAY_MS, World } from './world.fixture.ts';

test('backups after a key was made may hold it, the newest first, until their destruction is confirmed', async () => {
  const world = new World();
  await world.did(createKeyPolicy, { policy: 'p', encryptionPeriod: '1d', cryptoperiod: '2d' });
  await world.did(createKeyGroup, { group: 'g', policy: 'p' });
  const dataUnitId = world.dataUnit();
  const backup = (id: string) => {
    world.nowMs += DAY_MS;
    world.commit([created('backup', id as BackupId, { kmaId: world.self.kmaId, createdAt: world.nowMs })]);
  };
  const held = async (input: object = {}) =>
    (await world.did(listBackupsWithKeys, { dataUnitId, ...input })).output.rows.map(
      ({ backupId }) => backupId,
    );
  backup('A');
  world.nowMs += DAY_MS;
  world.issuedKey(dataUnitId, byName(world.state, 'key_group', 'g')?.id as KeyGroupId);
  assert.deepEqual(await held(), []);
  for (const id of ['B', 'C']) backup(id);
  assert.deepEqual(await held(), ['C', 'B']);
  assert.deepEqual(await held({ limit: 1 }), ['C']);
  world.commit([event('backup', 'B', 'destroyed', { destroyedAt: world.nowMs, destroyedComment: '' })]);
  assert.deepEqual(await held(), ['C']);
  const unknown = { dataUnitId: '0'.repeat(32) };
  assert.equal(await world.refusal(listBackupsWithKeys, unknown), 'DATA_UNIT_NOT_FOUND');
});
