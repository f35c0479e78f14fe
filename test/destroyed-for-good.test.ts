/** Destroyed keys beside what may bring them back: a backup of before, a KMA that was restored from it, a disk that was put back. What the cluster knows destroyed nobody gets where that can be known, and everything else is said. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { KmaClient, kindOf, loadProfile } from '@openkma/agent';
import { fetchCoreSecurityBackup } from '../src/cli/backup-commands.ts';
import { isRefusal } from '../src/core/refusal.ts';
import { runsIn, secretsFound } from './support/byte-runs.ts';
import { AUDITOR, BACKUP, COMPLIANCE, OFFICER, OPERATOR, QUORUM, TestKma } from './support/kma.ts';
import { filesOf, restoreFrom, withStore } from './support/restoring.ts';
import { startThree } from './support/three-kmas.ts';
import { until } from './support/until.ts';

const LONG_MS = 120_000;
const RESTORED_HOST = '127.0.1.54';
const POLICY = { policy: 'years', encryptionPeriod: '2y', cryptoperiod: '10y' };

const cluster = await startThree(['127.0.1.51', '127.0.1.52', '127.0.1.53']);
const made: TestKma[] = [];
after(async () => {
  for (const kma of made) await kma.stop();
  await cluster[Symbol.asyncDispose]();
});
const [first, second, third] = cluster.kmas;
await first.letIn(COMPLIANCE, OPERATOR, BACKUP, AUDITOR);
await first.ask('CreateKeyPolicy', POLICY, COMPLIANCE);
await first.ask('CreateKeyGroup', { group: 'group-a', policy: 'years' }, COMPLIANCE);
await first.createAgent('drive');
const keysReady = async () => (await first.ask<{ keysReady: number }>('ShowStatus', {})).keysReady;
await until('keys are ready', async () => (await keysReady()) > 3, LONG_MS);
const drive = await first.agent('drive', { create: false });
after(() => drive.close());

/** The agent, asking this KMA alone. */
async function clientAt(kma: TestKma): Promise<KmaClient> {
  const profile = await loadProfile(first.profile('drive'));
  const settings = { ...profile.settings, discoveryFrequencyMs: 0, failoverLimit: 0 };
  return new KmaClient({ ...profile, address: kma.host, ports: kma.ports, settings });
}

interface Unit {
  readonly dataUnitId: string;
  readonly keyId: string;
  /** As it stands in the object tables. */
  readonly sealed: readonly Uint8Array[];
}

/** All members hold its one key, and know that it was handed out. */
async function heldUnit(): Promise<Unit> {
  const { dataUnitId } = await drive.createDataUnit();
  const { keyId } = await drive.createKey({ dataUnitId });
  const unit = { dataUnitId, keyId, sealed: sealedAt(first, keyId) };
  for (const kma of [second, third]) await until(`${kma.host} holds it`, () => isHeld(kma, unit), LONG_MS);
  return unit;
}

function sealedAt(kma: TestKma, keyId: string): Uint8Array[] {
  return withStore(kma.data, (store) => {
    const object = store.getObject(store.state.get('key', keyId)?.objectId ?? '');
    return object === undefined ? [] : [object.bytes];
  });
}
const isHeld = (kma: TestKma, { keyId, sealed }: Unit) =>
  sealedAt(kma, keyId).length === sealed.length &&
  withStore(kma.data, ({ state }) => state.get('key', keyId)?.activatedStamp != null);

/** As whoever must not wait for the end of a cryptoperiod. */
async function destroyAt(kma: TestKma, { dataUnitId, keyId }: Unit): Promise<void> {
  await kma.ask('CompromiseKey', { keyId, comment: 'found on the street' }, COMPLIANCE);
  await kma.ask('DestroyKeys', { dataUnitId, comment: 'of no more use' }, OPERATOR);
}

interface Shown {
  readonly state: string;
  readonly destructionWaitsFor: readonly string[];
}
const shownAt = (kma: TestKma, { keyId }: Unit) => kma.ask<Shown>('ShowKey', { keyId }, OPERATOR);

/** In the end; each obstacle as it begins. */
async function waitsFor(kma: TestKma, unit: Unit, ...obstacles: readonly string[]): Promise<Shown> {
  return until(
    `at ${kma.host} the destruction waits for ${obstacles.join(', ') || 'nothing'}`,
    async () => {
      const shown = await shownAt(kma, unit);
      const found = shown.destructionWaitsFor;
      const same =
        found.length === obstacles.length &&
        found.every((text, index) => text.startsWith(obstacles[index] ?? ' '));
      return same && shown.state.startsWith('DESTROYED') ? shown : null;
    },
    LONG_MS,
  );
}

async function recordsAt(kma: TestKma, operation: string): Promise<readonly string[]> {
  const input = { limit: 200, filter: [`operation=${operation}`] };
  const rows = await kma.rows<{ condition: string; message: string }>('ListAuditEvents', input, AUDITOR);
  return rows.map(({ condition, message }) => `${condition}: ${message}`);
}

const kept = await heldUnit();
const lost = await heldUnit();
await fetchCoreSecurityBackup({ dataDirectory: first.data, user: OFFICER, to: first.backups });
const backup = await first.backup();
await destroyAt(second, lost);

test('a key that a backup holds is gone from all members, and its destruction waits for that backup by its ID', async () => {
  for (const kma of cluster.kmas) {
    const { state } = await waitsFor(kma, lost, `backup ${backup.backupId}`);
    assert.equal(state, 'DESTROYED_COMPROMISED_INCOMPLETE');
    assert.deepEqual([...runsIn(kma.data, lost.sealed)], [], kma.host);
    using client = await clientAt(kma);
    await assert.rejects(client.retrieveKey(lost.keyId), (error) => kindOf(error) === 'not-found');
  }
  const listed = await first.rows<{ backupId: string }>(
    'ListBackupsWithDestroyedKeys',
    { dataUnitId: lost.dataUnitId },
    BACKUP,
  );
  assert.deepEqual(
    listed.map(({ backupId }) => backupId),
    [backup.backupId],
  );
});

test('a KMA that is restored from it beside the cluster has the key, says that it knows of no later destruction, and destroys it again; nothing of that comes to the cluster', async () => {
  const data = join(first.folder, 'restored');
  const done = await restoreFrom(filesOf(backup), data, QUORUM, RESTORED_HOST);
  assert.ok(!isRefusal(done), JSON.stringify(done));
  const { replicationPort } = cluster;
  const restored = await TestKma.on(data, first.folder, { host: RESTORED_HOST, replicationPort });
  made.push(restored);
  if (restored.kma.locked()) await restored.ask('UnlockKma', {}, OFFICER, QUORUM);
  const [begun = ''] = await recordsAt(restored, 'RestoreBackup');
  assert.match(begun, /^Restored: .*destroyed after it was made are not destroyed here/);
  const met = await until(
    'it has met the cluster of before',
    async () =>
      (await recordsAt(restored, 'NoteTrouble')).find((text) => text.startsWith('Cluster of before')),
    LONG_MS,
  );
  assert.match(met, /keys that were destroyed there after the backup was made are not destroyed here/);
  const { warnings } = await restored.ask<{ warnings: string[] }>('ShowStatus', {});
  assert.ok(
    warnings.some((text) => /the keys that they have destroyed since the backup too/.test(text)),
    warnings.join('\n'),
  );
  using client = await clientAt(restored);
  assert.equal((await shownAt(restored, lost)).state, 'PROTECT_AND_PROCESS');
  assert.equal((await client.retrieveKey(lost.keyId)).keyId, lost.keyId, 'nothing there knows otherwise');
  await destroyAt(restored, lost);
  await assert.rejects(client.retrieveKey(lost.keyId), (error) => kindOf(error) === 'not-found');
  // The members of before are no members here, though their lives go on in what was restored.
  const again = await until('it names that backup too', async () => {
    const shown = await shownAt(restored, lost);
    return shown.destructionWaitsFor.includes(`backup ${backup.backupId}`) ? shown : null;
  });
  assert.equal(again.state, 'DESTROYED_COMPROMISED_INCOMPLETE');
  await until('its sealed bytes are gone', () => runsIn(restored.data, lost.sealed).size === 0, LONG_MS);
  await restored.stop();
  for (const kma of cluster.kmas) {
    await waitsFor(kma, lost, `backup ${backup.backupId}`);
    assert.deepEqual([...runsIn(kma.data, lost.sealed)], [], kma.host);
  }
});

test('once people confirm that the backup is destroyed, so is the key everywhere, and completely', async () => {
  const { backupId } = backup;
  await first.ask('ConfirmBackupDestroyed', { backupId, comment: 'both files, and every copy' }, BACKUP);
  for (const kma of cluster.kmas)
    assert.equal((await waitsFor(kma, lost)).state, 'DESTROYED_COMPROMISED_COMPLETE');
});

/** As a person does it with a machine that is off. */
function copy(from: string, to: string): void {
  for (const ending of ['', '.unlock-key']) {
    rmSync(`${to}${ending}`, { recursive: true, force: true });
    execFileSync('cp', ['-a', `${from}${ending}`, `${to}${ending}`]);
  }
}

/** What the KMA says first that is not "busy": agents go on to another KMA, and come back. */
async function answerFor({ keyId }: Unit, at: TestKma): Promise<string> {
  using client = await clientAt(at);
  return until(
    'it says something',
    async () => {
      const said = await client.retrieveKey(keyId).then(() => 'given', kindOf);
      return said === 'unavailable' ? null : said;
    },
    LONG_MS,
  );
}

test('a member whose disk is put back gives no key that was destroyed since, erases it again, and that is told', async () => {
  const [complete, later] = [await heldUnit(), await heldUnit()];
  const image = join(first.folder, 'image');
  await third.stop();
  copy(third.data, image);
  await third.resume();
  await destroyAt(first, complete);
  for (const kma of cluster.kmas) await waitsFor(kma, complete);
  await third.stop();
  await destroyAt(first, later);
  for (const kma of [first, second]) await waitsFor(kma, later, `erasure at kma-${third.host}`);
  copy(image, third.data);
  rmSync(image, { recursive: true });
  const sealed = [...complete.sealed, ...later.sealed];
  assert.equal(secretsFound(runsIn(third.data, sealed)), 2, 'the disk that was put back has both');
  await third.resume();
  // It is put back still when it starts once more.
  await third.stop();
  await third.resume();
  for (const unit of [complete, later]) assert.equal(await answerFor(unit, third), 'not-found');
  assert.equal(await answerFor(kept, third), 'given', 'it serves');
  for (const kma of cluster.kmas) {
    assert.equal((await waitsFor(kma, complete)).state, 'DESTROYED_COMPROMISED_COMPLETE');
    // Whether a copy of that disk still lives somewhere nobody but a person can say.
    await waitsFor(kma, later, `erasure at an earlier life of kma-${third.host}`);
    await until(
      `${kma.host} tells of it`,
      async () =>
        (await recordsAt(kma, 'BeginIncarnation')).some((text) => text.startsWith('Copied or older')),
      LONG_MS,
    );
  }
  await until('the sealed bytes are gone again', () => runsIn(third.data, sealed).size === 0, LONG_MS);
});
