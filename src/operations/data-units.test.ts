/** Data units as people see them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KeyGroupId } from '../core/ids.ts';
import { byName } from '../core/live.ts';
import { sha256Hex } from '../security/sealing.ts';
import { confirmBackupDestroyed, createDatabaseBackup } from './backups.ts';
import { confirmCoreSecurityBackupDownloaded, createCoreSecurityBackup } from './core-security.ts';
import { listBackupsWithDestroyedKeys, listDataUnits, modifyDataUnit, showDataUnit } from './data-units.ts';
import { createKeyGroup } from './key-groups.ts';
import { createKeyPolicy } from './key-policies.ts';
import { compromiseKey, destroyKeys } from './keys.ts';
import { World } from './world.fixture.ts';

test('data units are found by external ID, by tag, and page by page', async () => {
  const world = new World();
  const one = world.dataUnit({ externalUniqueId: 'AB12', externalTag: `VOL001${' '.repeat(26)}` });
  const two = world.dataUnit({ externalTag: 'VOL002' });
  const idsOf = async (input: object) =>
    (await world.did(listDataUnits, input)).output.rows.map(({ dataUnitId }) => dataUnitId);
  assert.deepEqual(await idsOf({ filter: ['externalUniqueId=AB12'] }), [one]);
  assert.deepEqual(await idsOf({ filter: ['externalTag~VOL001'] }), [one]);
  assert.deepEqual(await idsOf({ filter: ['externalTag=VOL003'] }), []);
  const first = (await world.did(listDataUnits, { limit: 1 })).output;
  const second = (await world.did(listDataUnits, { limit: 1, after: first.next })).output;
  assert.deepEqual(
    [...first.rows, ...second.rows].map(({ dataUnitId }) => dataUnitId).sort(),
    [one, two].sort(),
  );
  assert.equal(second.next, null);
});

test('the state follows the keys', async () => {
  const world = new World();
  await world.did(createKeyPolicy, { policy: 'p', encryptionPeriod: '1d', cryptoperiod: '2d' });
  await world.did(createKeyGroup, { group: 'g', policy: 'p' });
  const dataUnitId = world.dataUnit();
  const stateOf = async () => (await world.did(showDataUnit, { dataUnitId })).output.state;
  assert.equal(await stateOf(), 'NO_KEY');
  const keyId = world.issuedKey(dataUnitId, byName(world.state, 'key_group', 'g')?.id as KeyGroupId);
  assert.equal(await stateOf(), 'READABLE_NORMAL');
  await world.did(compromiseKey, { keyId, comment: 'x' });
  assert.equal(await stateOf(), 'READABLE_NEEDS_REKEY');
  await world.did(destroyKeys, { dataUnitId, comment: 'x' });
  assert.equal(await stateOf(), 'SHREDDED');
  assert.equal(await world.refusal(showDataUnit, { dataUnitId: '0'.repeat(32) }), 'DATA_UNIT_NOT_FOUND');
});

test('description and tag change, each by itself', async () => {
  const world = new World();
  const dataUnitId = world.dataUnit({ description: 'old', externalTag: 'VOL001' });
  await world.did(modifyDataUnit, { dataUnitId, description: 'new' });
  const { output } = await world.did(showDataUnit, { dataUnitId });
  assert.deepEqual([output.description, output.externalTag], ['new', 'VOL001']);
});

test('a description in which a PKCS#11 provider keeps its attributes stays as it is', async () => {
  const world = new World();
  const dataUnitId = world.dataUnit({ description: 'PKCS#11v2.20: 041f20001080060d7000' });
  assert.equal(await world.refusal(modifyDataUnit, { dataUnitId, description: 'new' }), 'INVALID_PARAMETERS');
  await world.did(modifyDataUnit, { dataUnitId, externalTag: 'label' });
});

test('backups that may hold a destroyed key are listed until their destruction is confirmed', async () => {
  const world = new World();
  await world.did(createKeyPolicy, { policy: 'p', encryptionPeriod: '1d', cryptoperiod: '2d' });
  await world.did(createKeyGroup, { group: 'g', policy: 'p' });
  const dataUnitId = world.dataUnit();
  const keyId = world.issuedKey(dataUnitId, byName(world.state, 'key_group', 'g')?.id as KeyGroupId);
  const { output: core } = await world.did(createCoreSecurityBackup, {});
  const fileSha256 = sha256Hex(Buffer.from(core.content));
  await world.did(confirmCoreSecurityBackupDownloaded, { backupId: core.backupId, fileSha256 });
  world.backup = world.madeBackup();
  const { backupId } = (await world.did(createDatabaseBackup, {})).output;
  const held = async () => (await world.did(listBackupsWithDestroyedKeys, { dataUnitId })).output.rows;
  assert.deepEqual(await held(), []);
  await world.did(compromiseKey, { keyId, comment: 'x' });
  await world.did(destroyKeys, { dataUnitId, comment: 'x' });
  assert.deepEqual(
    (await held()).map((backup) => backup.backupId),
    [backupId],
  );
  await world.did(confirmBackupDestroyed, { backupId, comment: 'shredded' });
  assert.deepEqual(await held(), []);
});
