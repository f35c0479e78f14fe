/** After all KMAs are lost and one is restored: the members of before are listed, and each is deleted and replaced, or joins anew under its name. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fetchBackup, fetchCoreSecurityBackup } from '../src/cli/backup-commands.ts';
import { isRefusal } from '../src/core/refusal.ts';
import { stateHash } from '../src/store/state-hash.ts';
import { ClusterKma, JOIN_PASSPHRASE, TestCluster } from './support/cluster.ts';
import { BACKUP, OFFICER, QUORUM } from './support/kma.ts';
import { filesOf, restoreFrom } from './support/restoring.ts';
import { until } from './support/until.ts';

const LONG_MS = 60_000;
const OFFSET = 26_800;
const cluster = new TestCluster(OFFSET);
const restored = new ClusterKma(cluster.folder, 'restored', '127.0.9.11', OFFSET);
after(async () => {
  await restored.stop();
  await cluster[Symbol.asyncDispose]();
});

const first = await cluster.first('kma-1', '127.0.9.11');
const user = { user: BACKUP.name, roles: ['BACKUP_OPERATOR'], passphrase: BACKUP.passphrase };
await first.ask('CreateUser', user, QUORUM);
const second = await cluster.joined(first, 'kma-2', '127.0.9.12');
const third = await cluster.joined(first, 'kma-3', '127.0.9.13');
await until('the first has the beginning of the log of each', () =>
  first.read(
    ({ state }) =>
      state.page('incarnation', '', 100).filter(({ createdStamp }) => createdStamp !== null).length === 3,
  ),
);
await first.ask('CreateSite', { site: 'berlin' });
const to = join(cluster.folder, 'backups');
await fetchCoreSecurityBackup({ dataDirectory: first.data, user: OFFICER, to });
const backup = await fetchBackup({ dataDirectory: first.data, user: BACKUP, to }, () => undefined);
for (const kma of [first, second, third]) {
  await kma.stop();
  rmSync(kma.data, { recursive: true });
  rmSync(`${kma.data}.unlock-key`, { force: true });
}

const ofBefore = async () =>
  (await restored.ask<{ membersOfBefore: string[] }>('ShowStatus', {})).membersOfBefore;

async function serving(kma: ClusterKma): Promise<void> {
  await kma.serve();
  await until(
    `${kma.name} has caught up`,
    async () => {
      const { cluster: standing } = await kma.ask<{ cluster: string }>('ShowStatus', {});
      return standing === 'member';
    },
    LONG_MS,
  );
}

test('the restored KMA names the members of before', async () => {
  const done = await restoreFrom(filesOf(backup), restored.data, QUORUM, restored.host);
  assert.ok(!isRefusal(done), JSON.stringify(done));
  await restored.serve();
  if (restored.kma.locked()) await restored.ask('UnlockKma', {}, QUORUM);
  assert.deepEqual((await ofBefore()).toSorted(), ['kma-2', 'kma-3']);
});

test('one is deleted, and another one takes its name', async () => {
  await restored.ask('DeleteKma', { kma: 'kma-2', as: 'retired' });
  assert.deepEqual(await ofBefore(), ['kma-3']);
  const replacement = await cluster.entry(restored, 'kma-2', '127.0.9.12');
  await cluster.join(replacement, restored);
  await serving(replacement);
  assert.deepEqual(replacement.sites(), ['berlin']);
});

test('another one joins anew under the entry that it had, and is of before no more', async () => {
  await restored.ask('SetKmaPassphrase', { kma: 'kma-3', passphrase: JOIN_PASSPHRASE }, QUORUM);
  await cluster.join(third, restored);
  await serving(third);
  assert.deepEqual(await ofBefore(), []);
  await third.ask('CreateSite', { site: 'rome' });
  const hashes = () => [restored, third].map((kma) => kma.read((store) => stateHash(store)));
  await until(
    'both are one cluster',
    () => new Set(hashes()).size === 1 && restored.sites().includes('rome'),
    LONG_MS,
  );
});
