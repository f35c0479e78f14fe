/** The key split of a running KMA is changed: the old credentials are nothing any more, the new ones unlock and restore. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fetchCoreSecurityBackup } from '../src/cli/backup-commands.ts';
import { isRefusal } from '../src/core/refusal.ts';
import { HOLDERS, OFFICER, type Person, QUORUM, TestKma } from './support/kma.ts';
import { allKeyIds, filesOf, restoreFrom } from './support/restoring.ts';
import { until } from './support/until.ts';

const NEW_HOLDERS = ['dora', 'emil'].map((name) => ({ name, passphrase: 'Split-once-more-8' }));
const asNew = (people: readonly Person[]) => people.map((person) => ({ ...person, new: true as const }));

const kma = await TestKma.start();
after(() => kma[Symbol.asyncDispose]());

const change = (quorum: readonly Person[], to: readonly Person[], threshold: number) =>
  kma.answer('ModifyKeySplit', { threshold }, OFFICER, [...quorum, ...asNew(to)]);
const unlocksWith = async (quorum: readonly Person[]) => {
  const answer = await kma.answer('UnlockKma', {}, OFFICER, quorum);
  return isRefusal(answer) ? answer.refused : 'unlocked';
};
const warnings = async () =>
  (await kma.ask<{ warnings: string[] }>('ShowStatus', {})).warnings.filter((text) => /key split/.test(text));

test('a wrong quorum changes nothing, and new credentials are taken by no other operation', async () => {
  const refused = async (answer: ReturnType<typeof change>) => {
    const given = await answer;
    return isRefusal(given) ? given.refused : 'accepted';
  };
  assert.equal(await refused(change(QUORUM.slice(0, 1), NEW_HOLDERS, 2)), 'QUORUM_NOT_MET');
  assert.equal(await refused(change(NEW_HOLDERS, NEW_HOLDERS, 2)), 'QUORUM_NOT_MET');
  const other = kma.answer('UnlockKma', {}, OFFICER, [...QUORUM, ...asNew(NEW_HOLDERS)]);
  assert.equal(await refused(other), 'INVALID_PARAMETERS');
  assert.deepEqual((await kma.ask<{ names: string[] }>('ShowKeySplit', {}, OFFICER)).names, [
    ...HOLDERS.map(({ name }) => name),
  ]);
});

test('after the change the new credentials unlock and the old ones do not, and the status asks for a backup', async () => {
  assert.deepEqual(await warnings(), []);
  assert.ok(!isRefusal(await change(QUORUM, NEW_HOLDERS, 2)));
  assert.match((await warnings()).join(), /kma core-security-backup --to DIR/);
  const before = kma.kma.pids().get('core');
  await kma.ask('LockKma', {}, OFFICER);
  await until('the next core answers', async () => {
    if ([undefined, before].includes(kma.kma.pids().get('core'))) return false;
    return kma.ask('ShowLockStatus', {}, OFFICER);
  });
  assert.equal(await unlocksWith(QUORUM), 'QUORUM_NOT_MET');
  assert.equal(await unlocksWith(NEW_HOLDERS), 'unlocked');
  await fetchCoreSecurityBackup({ dataDirectory: kma.data, user: OFFICER, to: kma.backups });
  assert.deepEqual(await warnings(), []);
});

test('agents go on, and a backup is restored with the new credentials', async () => {
  const client = await kma.agent('drive-1');
  const { keyId } = await client.createKey();
  client.close();
  assert.match(keyId, /^0000/);
  const { files } = await fetchCoreSecurityBackup({
    dataDirectory: kma.data,
    user: OFFICER,
    to: join(kma.backups, 'new'),
  });
  const from = { ...filesOf(await kma.backup()), coreSecurityBackup: files[0] ?? '' };
  const target = join(kma.folder, 'restored');
  const old = await restoreFrom(from, target, QUORUM);
  assert.ok(isRefusal(old), 'the old credentials open no new core security backup');
  const restored = await restoreFrom(from, target, NEW_HOLDERS);
  assert.ok(!isRefusal(restored), JSON.stringify(restored));
  assert.ok(allKeyIds(target).includes(keyId));
});
