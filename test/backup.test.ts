/** Backup while agents work, the data directory lost, restore with a quorum: what the agents get afterwards (architecture, D2 and D4). */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fetchBackup, fetchCoreSecurityBackup } from '../src/cli/backup-commands.ts';
import { isRefusal } from '../src/core/refusal.ts';
import { OpenKmaError } from '../src/errors.ts';
import type { AuditRecord } from '../src/operations/audit-record.ts';
import { AgentLoad } from './support/agent-load.ts';
import { AUDITOR, BACKUP, OFFICER, QUORUM, TestKma } from './support/kma.ts';
import { asQuorum, kmaCommand } from './support/kma-command.ts';
import {
  allKeyIds,
  filesOf,
  hashOf,
  restoreFrom,
  returningAgent,
  traces,
  wake,
  withStore,
} from './support/restoring.ts';

const kma = await TestKma.start();
after(() => kma[Symbol.asyncDispose]());
const agent = await kma.agent('drive-1');
const hex = ({ key }: Awaited<ReturnType<typeof agent.createKey>>) =>
  Buffer.from(key.reveal()).toString('hex');
const auditOf = (operation: string, on: TestKma = kma) =>
  on.rows<AuditRecord>('ListAuditEvents', { filter: [`operation=${operation}`], limit: 10 }, AUDITOR);

test('a backup into the data directory is refused, also by way of a link, and nothing is made', async () => {
  const link = join(kma.folder, 'link');
  symlinkSync(kma.data, link);
  const before = (await auditOf('CreateDatabaseBackup')).length;
  for (const to of [
    kma.data,
    join(kma.data, 'backups'),
    join(kma.data, '..kept'),
    link,
    join(link, 'deep', 'er'),
  ])
    for (const fetch of [
      () => fetchBackup({ dataDirectory: kma.data, user: BACKUP, to }, () => undefined),
      () => fetchCoreSecurityBackup({ dataDirectory: kma.data, user: OFFICER, to }),
    ])
      await assert.rejects(
        fetch,
        (error) => error instanceof OpenKmaError && error.code === 'BACKUP_INSIDE_DATA',
      );
  assert.equal((await auditOf('CreateDatabaseBackup')).length, before);
});

test('a backup is taken while agents work, and holds everything acknowledged before it', async () => {
  const load = await AgentLoad.of(kma, 2);
  load.start();
  while (load.acknowledged.length < 5) await new Promise((resolve) => setTimeout(resolve, 10));
  const before = load.acknowledged.map(({ keyId }) => keyId);
  const backup = await kma.backup();
  const during = load.acknowledged.length - before.length;
  await load.stop();
  load.close();
  assert.ok(during > 0, 'agents were served during the backup');
  assert.deepEqual([...load.failures], [], 'no agent noticed the backup');
  const data = join(kma.folder, 'restored-from-load');
  const restored = await restoreFrom(filesOf(backup), data);
  assert.ok(!isRefusal(restored), JSON.stringify(restored));
  assert.equal(restored.stateHashRestored, backup.stateHash);
  const activated = withStore(data, ({ state }) =>
    before.filter((keyId) => state.get('key', keyId)?.activatedStamp != null),
  );
  assert.deepEqual(activated, before);
});

test('without a core security backup a backup is refused with 1114 and makes no file', async () => {
  await using bare = await TestKma.start({ bare: true });
  const { name: user, passphrase } = BACKUP;
  await bare.ask('CreateUser', { user, roles: ['BACKUP_OPERATOR'], passphrase }, OFFICER, QUORUM);
  const answer = await bare.answer('CreateDatabaseBackup', {}, BACKUP);
  assert.ok(isRefusal(answer));
  assert.equal(answer.refused, 'NEED_CORE_SECURITY_BACKUP');
  await assert.rejects(bare.backup(), /core security backup is needed/);
  assert.deepEqual(readdirSync(bare.backups), []);
});

test('a backup whose files are not those that were made does not count', async () => {
  const made = await kma.ask<{ backupId: string; fileSha256: string; keyFileSha256: string }>(
    'CreateDatabaseBackup',
    {},
    BACKUP,
  );
  const { backupId, keyFileSha256 } = made;
  const answer = await kma.answer(
    'ConfirmBackupDownloaded',
    { backupId, keyFileSha256, fileSha256: '0'.repeat(64) },
    BACKUP,
  );
  assert.ok(isRefusal(answer));
  assert.equal(answer.refused, 'BACKUP_FILE_INVALID');
  const listed = await kma.rows<{ backupId: string; usable: boolean }>('ListBackups', {}, BACKUP);
  assert.equal(listed.find((backup) => backup.backupId === backupId)?.usable, false);
});

test('after the loss of the data directory a restored KMA serves the keys of before, and issues none of them as new', async (t) => {
  await kma.poolFilled();
  await kma.backup();
  const early = await agent.createKey();
  const hashBefore = hashOf(kma.data);
  const backup = await kma.backup();
  assert.equal(backup.stateHash, hashBefore, 'the state at the backup');
  const late = await agent.createKey();
  const oldKeys = new Set(allKeyIds(kma.data));
  await kma.stop();
  rmSync(kma.data, { recursive: true });
  rmSync(`${kma.data}.unlock-key`);

  await t.test('restored by the library', async () => {
    const data = join(kma.folder, 'by-library');
    const restored = await restoreFrom(filesOf(backup), data);
    assert.ok(!isRefusal(restored), JSON.stringify(restored));
    assert.equal(restored.stateHashRestored, hashBefore);
    assert.equal(restored.stateHashOfBackup, hashBefore);
    assert.deepEqual(traces(data), ['by-library']);
    await serves(data);
  });

  await t.test('restored by the command', async () => {
    const data = join(kma.folder, 'by-command');
    const { coreSecurityBackup, backupFile, backupKeyFile } = filesOf(backup);
    const files = [
      '--core-security-backup',
      coreSecurityBackup,
      '--backup',
      backupFile,
      '--backup-key',
      backupKeyFile,
    ];
    const quorum = asQuorum(kma.folder, QUORUM);
    const run = await kmaCommand('--data', data, '--json', 'restore', ...files, ...quorum);
    assert.equal(run.status, 0, run.stderr);
    assert.equal(JSON.parse(run.stdout).stateHashRestored, hashBefore);
    await serves(data);
    const again = await kmaCommand('--data', data, '--json', 'restore', ...files, ...quorum);
    assert.notEqual(again.status, 0);
    assert.equal(JSON.parse(again.stdout).error.code, 'RESTORE_TARGET_NOT_EMPTY');
  });

  /** A new incarnation, locked until the quorum comes; the late key is perhaps issued: process-only, with a warning. */
  async function serves(data: string): Promise<void> {
    const restored = await wake(data, kma.folder);
    t.after(() => restored.stop());
    const client = await returningAgent(restored, kma.profile('drive-1'));
    const earlyAgain = await client.retrieveKey(early.keyId);
    assert.equal(hex(earlyAgain), hex(early));
    assert.equal(earlyAgain.keyState, 'KEY-STATE-PROTECT-AND-PROCESS');
    const lateAgain = await client.retrieveKey(late.keyId);
    assert.equal(hex(lateAgain), hex(late));
    assert.equal(lateAgain.keyState, 'KEY-STATE-PROCESS-ONLY');
    const [warning] = (await auditOf('RetrieveKey2', restored)).filter(({ message }) =>
      message.includes(late.keyId),
    );
    assert.equal(warning?.severity, 'warning');
    assert.equal(warning?.condition, 'Perhaps issued key');
    await issuesNoOldKey(restored, client);
    const perhaps = await restored.rows<{ keyId: string }>('ListPerhapsIssuedKeys', { limit: 1000 }, AUDITOR);
    assert.ok(!perhaps.some(({ keyId }) => keyId === late.keyId), 'the late key is known to be issued now');
    assert.ok(perhaps.length > 0);
    await restored.stop();
  }

  async function issuesNoOldKey(restored: TestKma, client: typeof agent): Promise<void> {
    await assert.rejects(client.createKey(), /1021/, 'no key is Ready before a backup of the new life');
    await restored.poolFilled();
    await restored.backup();
    for (let i = 0; i < 20; i++) {
      const { keyId } = await client.createKey();
      assert.ok(!oldKeys.has(keyId), `${keyId} is an old key`);
    }
  }
});

test('a restore needs a new or empty directory', async () => {
  const data = join(kma.folder, 'occupied');
  mkdirSync(data);
  writeFileSync(join(data, 'something'), 'else');
  const answer = await restoreFrom({ coreSecurityBackup: '', backupFile: '', backupKeyFile: '' }, data);
  assert.ok(isRefusal(answer));
  assert.equal(answer.refused, 'RESTORE_TARGET_NOT_EMPTY');
});
