/** Lock, unlock, and the file a quorum opens backups with. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCoreSecurityFile } from '../backup/core-security-file.ts';
import { isRefusal } from '../core/refusal.ts';
import { sha256Hex } from '../security/sealing.ts';
import { SecretBytes } from '../security/secret-bytes.ts';
import {
  confirmCoreSecurityBackupDownloaded,
  createCoreSecurityBackup,
  lockKma,
  setAutonomousUnlock,
  showAutonomousUnlock,
  showKeySplit,
  showLockStatus,
  unlockKma,
} from './core-security.ts';
import { World } from './world.fixture.ts';

test('locking is remembered for the next start and takes effect after the commit', async () => {
  const world = new World();
  const { decision } = await world.did(lockKma, {});
  assert.deepEqual([decision?.local, decision?.effects], [{ locked: '1' }, [{ effect: 'lock' }]]);
  world.unlocked = false;
  assert.equal(await world.refusal(lockKma, {}), 'CORE_SECURITY_ALREADY_LOCKED');
  assert.deepEqual((await world.did(showLockStatus, {})).output, {
    kma: 'kma-1',
    locked: true,
    lacksRoot: false,
  });
});

test('an unlocked KMA that lacks the newest root key material says so, since a quorum may unlock it once more', async () => {
  const world = new World();
  const shown = async (lacksRoot?: () => boolean) =>
    (await world.did(showLockStatus, {}, lacksRoot === undefined ? {} : { lacksRoot })).output;
  assert.deepEqual(await shown(), { kma: 'kma-1', locked: false, lacksRoot: false });
  assert.deepEqual(await shown(() => true), { kma: 'kma-1', locked: false, lacksRoot: true });
});

test('unlocking hands over what the quorum opened', async () => {
  const world = new World();
  world.unlocked = false;
  const rootKeyMaterial = new SecretBytes(Buffer.alloc(32, 7));
  const { decision } = await world.did(unlockKma, {}, { rootKeyMaterial });
  assert.deepEqual(decision?.local, { locked: '0' });
  assert.deepEqual(decision?.effects, [
    { effect: 'unlock', rootEpochId: world.rootEpochId, rootKeyMaterial },
  ]);
  assert.equal(await world.refusal(unlockKma, {}), 'QUORUM_NOT_MET');
  world.unlocked = true;
  assert.equal(await world.refusal(unlockKma, {}, { rootKeyMaterial }), 'CORE_SECURITY_ALREADY_UNLOCKED');
});

test('lock and unlock write no facts, so that an odd clock cannot keep a KMA locked', async () => {
  assert.deepEqual([lockKma.changes, unlockKma.changes], [false, false]);
  assert.deepEqual((await new World().did(lockKma, {})).decision?.facts, []);
});

test('the choice of autonomous unlocking is kept and carried out', async () => {
  const world = new World();
  const { decision } = await world.did(setAutonomousUnlock, { enabled: false });
  assert.deepEqual(decision?.local, { autonomousUnlock: '0' });
  assert.deepEqual(decision?.effects, [{ effect: 'set-autonomous-unlock', enabled: false }]);
  assert.equal(await world.refusal(setAutonomousUnlock, {}), 'INVALID_PARAMETERS');
  assert.deepEqual((await world.did(showAutonomousUnlock, {})).output, { autonomousUnlock: true });
  world.autonomousUnlock = 'foreign key';
  assert.deepEqual((await world.did(showAutonomousUnlock, {})).output, { autonomousUnlock: false });
  assert.equal(await world.refusal(setAutonomousUnlock, { enabled: true }), 'DATA_DIRECTORY_NOT_EMPTY');
  await world.did(setAutonomousUnlock, { enabled: false });
});

test('the key split shows names and numbers, no shares', async () => {
  const { output } = await new World().did(showKeySplit, {});
  const { createdAt: _, ...shown } = output;
  assert.deepEqual(shown, { threshold: 2, size: 3, names: ['ann', 'ben', 'cem'] });
});

test('the core security backup is a file that restore can read', async () => {
  const world = new World();
  const { output, decision } = await world.did(createCoreSecurityBackup, {});
  const file = readCoreSecurityFile(output.content);
  assert.ok(!isRefusal(file));
  assert.equal(Buffer.from(file.keySplit, 'base64').toString(), 'a key split');
  assert.deepEqual([file.backupId, file.rootEpochId], [output.backupId, world.rootEpochId]);
  assert.ok(!JSON.stringify(decision?.audit).includes(file.keySplit));
});

test('it counts only when it was read back as it was made', async () => {
  const world = new World();
  const { output } = await world.did(createCoreSecurityBackup, {});
  const { backupId } = output;
  const confirm = (fileSha256: string, id = backupId) =>
    world.refusal(confirmCoreSecurityBackupDownloaded, { backupId: id, fileSha256 });
  assert.equal(await confirm('0'.repeat(64)), 'BACKUP_FILE_INVALID');
  assert.equal(world.state.get('core_security_backup', backupId)?.downloadedStamp, null);
  assert.equal(await confirm('0'.repeat(64), '0'.repeat(32)), 'BACKUP_DOES_NOT_EXIST');
  assert.equal(await confirm(sha256Hex(Buffer.from(output.content))), 'accepted');
  assert.notEqual(world.state.get('core_security_backup', backupId)?.downloadedStamp, null);
});

test('a confirmed core security backup has the pool counted anew: keys may have become Ready', async () => {
  const world = new World();
  const { output } = await world.did(createCoreSecurityBackup, {});
  const fileSha256 = sha256Hex(Buffer.from(output.content));
  const { decision } = await world.did(confirmCoreSecurityBackupDownloaded, {
    backupId: output.backupId,
    fileSha256,
  });
  assert.deepEqual(decision?.effects, [{ effect: 'pool-changed' }]);
});
