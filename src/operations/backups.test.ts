/** Database backups: what has to come before, and what makes keys Ready. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { poolStanding } from '../core/readiness.ts';
import { isRefusal } from '../core/refusal.ts';
import { sha256Hex } from '../security/sealing.ts';
import {
  confirmBackupDestroyed,
  confirmBackupDownloaded,
  createDatabaseBackup,
  listBackups,
} from './backups.ts';
import { confirmCoreSecurityBackupDownloaded, createCoreSecurityBackup } from './core-security.ts';
import { World } from './world.fixture.ts';

async function worldWithCoreSecurityBackup(): Promise<World> {
  const world = new World();
  const { output } = await world.did(createCoreSecurityBackup, {});
  const fileSha256 = sha256Hex(Buffer.from(output.content));
  await world.did(confirmCoreSecurityBackupDownloaded, { backupId: output.backupId, fileSha256 });
  return world;
}
const standing = (world: World) => poolStanding(world.state, world.self.incarnationId);

/** The three fields that confirm a backup. */
async function backUp(world: World) {
  const made = world.madeBackup();
  world.backup = made;
  await world.did(createDatabaseBackup, {});
  return { backupId: made.backupId, fileSha256: made.fileSha256, keyFileSha256: made.keyFileSha256 };
}

test('without a core security backup there is no database backup', async () => {
  const world = new World();
  world.backup = world.madeBackup();
  assert.equal(await world.refusal(createDatabaseBackup, {}), 'NEED_CORE_SECURITY_BACKUP');
});

test('a core security backup that nobody has read back does not count', async () => {
  const world = new World();
  await world.did(createCoreSecurityBackup, {});
  world.backup = world.madeBackup();
  assert.equal(await world.refusal(createDatabaseBackup, {}), 'NEED_CORE_SECURITY_BACKUP');
});

test('what the backup job refuses is refused, and nothing is recorded', async () => {
  const world = await worldWithCoreSecurityBackup();
  assert.equal(await world.refusal(createDatabaseBackup, {}), 'BACKUP_IN_PROGRESS');
  assert.deepEqual(world.state.page('backup', '', 9), []);
});

test('keys become Ready when the files were read back, not before', async () => {
  const world = await worldWithCoreSecurityBackup();
  world.poolKey();
  const files = await backUp(world);
  world.poolKey();
  assert.deepEqual(standing(world), { ready: 0, unissued: 2 });
  const { decision } = await world.did(confirmBackupDownloaded, files);
  assert.deepEqual(standing(world), { ready: 1, unissued: 2 });
  assert.ok(decision?.effects?.some(({ effect }) => effect === 'discard-staged-backup'));
});

test('files that do not read back as made confirm nothing', async () => {
  const world = await worldWithCoreSecurityBackup();
  world.poolKey();
  const files = await backUp(world);
  for (const wrong of [{ fileSha256: '0'.repeat(64) }, { keyFileSha256: '0'.repeat(64) }])
    assert.equal(await world.refusal(confirmBackupDownloaded, { ...files, ...wrong }), 'BACKUP_FILE_INVALID');
  const unknown = { ...files, backupId: '0'.repeat(32) };
  assert.equal(await world.refusal(confirmBackupDownloaded, unknown), 'BACKUP_DOES_NOT_EXIST');
  assert.equal(standing(world).ready, 0);
});

test('confirming twice changes nothing more', async () => {
  const world = await worldWithCoreSecurityBackup();
  const files = await backUp(world);
  await world.did(confirmBackupDownloaded, files);
  const again = await world.run(confirmBackupDownloaded, files);
  assert.deepEqual(isRefusal(again) ? again : again.decision?.facts, []);
});

test('a destroyed backup makes no key Ready and cannot come back', async () => {
  const world = await worldWithCoreSecurityBackup();
  world.poolKey();
  const files = await backUp(world);
  await world.did(confirmBackupDownloaded, files);
  const destruction = { backupId: files.backupId, comment: 'tape shredded' };
  await world.did(confirmBackupDestroyed, destruction);
  assert.equal(standing(world).ready, 0);
  assert.equal(await world.refusal(confirmBackupDestroyed, destruction), 'BACKUP_DESTROYED');
  assert.equal(await world.refusal(confirmBackupDownloaded, files), 'BACKUP_DESTROYED');
});

test('backups are listed newest first with what is known of them', async () => {
  const world = await worldWithCoreSecurityBackup();
  const first = await backUp(world);
  await world.did(confirmBackupDownloaded, first);
  const second = await backUp(world);
  const output = await world.rows(listBackups);
  assert.deepEqual(
    output.map(({ backupId, usable, kma }) => [backupId, usable, kma]),
    [
      [second.backupId, false, 'kma-1'],
      [first.backupId, true, 'kma-1'],
    ],
  );
});
