/** A whole-cluster restore (QuickStart mode 3) beside members that live on: each side recognises that the other is of another life of the cluster and says so, and nothing flows between them. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fetchBackup, fetchCoreSecurityBackup } from '../src/cli/backup-commands.ts';
import { isRefusal } from '../src/core/refusal.ts';
import { ClusterKma, TestCluster } from './support/cluster.ts';
import { AUDITOR, BACKUP, OFFICER, QUORUM } from './support/kma.ts';
import { filesOf, restoreFrom } from './support/restoring.ts';
import { until } from './support/until.ts';

const LONG_MS = 60_000;
const OFFSET = 24_500;
const cluster = new TestCluster(OFFSET);
const restored = new ClusterKma(cluster.folder, 'restored', '127.0.9.3', OFFSET);
after(async () => {
  await restored.stop();
  await cluster[Symbol.asyncDispose]();
});

const first = await cluster.first('kma-1', '127.0.9.1');
for (const [user, role] of [
  [BACKUP, 'BACKUP_OPERATOR'],
  [AUDITOR, 'AUDITOR'],
] as const)
  await first.ask('CreateUser', { user: user.name, roles: [role], passphrase: user.passphrase }, QUORUM);
const second = await cluster.joined(first, 'kma-2', '127.0.9.2');
const to = join(cluster.folder, 'backups');
await fetchCoreSecurityBackup({ dataDirectory: first.data, user: OFFICER, to });
const backup = await fetchBackup({ dataDirectory: first.data, user: BACKUP, to }, () => undefined);

async function recordsOf(kma: ClusterKma, operation: string): Promise<readonly string[]> {
  const input = { limit: 200, filter: [`operation=${operation}`] };
  const { rows } = await kma.ask<{ rows: { condition: string; message: string }[] }>(
    'ListAuditEvents',
    input,
    [],
    AUDITOR,
  );
  return rows.map(({ condition, message }) => `${condition}: ${message}`);
}
const livesAt = (kma: ClusterKma) =>
  kma.read(({ state }) =>
    state.page('incarnation', '', 100).filter(({ createdStamp }) => createdStamp !== null),
  );

test('the restored one hears that the cluster of before goes on, and its members hear of a KMA that was restored', async () => {
  await first.ask('CreateSite', { site: 'before' });
  await until('both know it', () => second.sites().includes('before'), LONG_MS);
  const done = await restoreFrom(filesOf(backup), restored.data, QUORUM, restored.host);
  assert.ok(!isRefusal(done), JSON.stringify(done));
  await restored.serve();
  if (restored.kma.locked()) await restored.ask('UnlockKma', {}, QUORUM);
  const status = () => restored.ask<{ cluster: string; membersOfBefore: string[] }>('ShowStatus', {});
  await until('it is told', async () => (await recordsOf(restored, 'NoteTrouble')).length > 0, LONG_MS);
  const [told] = await recordsOf(restored, 'NoteTrouble');
  assert.match(told ?? '', /^Cluster of before goes on: kma-2 answers and does not know this KMA/);
  const { cluster: standing, membersOfBefore } = await status();
  assert.deepEqual(
    [standing, membersOfBefore],
    ['member', ['kma-2']],
    'it serves, and knows who is not of it',
  );
  // What was refused is written together once a minute, and when it stops.
  await second.stop();
  await second.serve();
  const refused = await recordsOf(second, 'NoteFailuresBeforeAuthentication');
  const words =
    /the key of no member, in a certificate of this cluster for KMA kma-1: restored from a backup.*127\.0\.9\.3/;
  assert.ok(
    refused.some((text) => words.test(text)),
    refused.join('\n'),
  );
});

test('nothing of either comes to the other, whichever goes on', async () => {
  await restored.ask('CreateSite', { site: 'restored' });
  await second.ask('CreateSite', { site: 'living' });
  await until('the living ones are one cluster still', () => first.sites().includes('living'), LONG_MS);
  await restored.stop();
  await restored.serve();
  await until(
    'they have met again',
    async () => (await recordsOf(restored, 'NoteTrouble')).length > 1,
    LONG_MS,
  );
  assert.ok(restored.sites().includes('restored'));
  for (const kma of [first, second]) assert.ok(!kma.sites().includes('restored'));
  assert.ok(!restored.sites().includes('living'));
  const restoredLife = livesAt(restored).find(({ reason }) => reason === 'restore')?.id;
  assert.ok(restoredLife !== undefined);
  assert.ok(![...livesAt(first), ...livesAt(second)].some(({ id }) => id === restoredLife));
  const { membersOfBefore } = await first.ask<{ membersOfBefore: string[] }>('ShowStatus', {});
  assert.deepEqual(membersOfBefore, []);
});
