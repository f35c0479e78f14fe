/** The schedule of database backups: set over the network or at the appliance, kept by the KMA itself where it has a directory, and told of where it is not kept. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { withCore } from './support/core-alone.ts';
import { AUDITOR, BACKUP, TestKma } from './support/kma.ts';
import { KmaShell } from './support/kma-shell.ts';
import { ServedKma } from './support/served-kma.ts';
import { until } from './support/until.ts';

interface Schedule {
  readonly everyHours: number;
  readonly lastBackupAt: string;
  readonly dueAt: string;
  readonly overdue: boolean;
}

let kma: TestKma;
let shell: KmaShell;

before(async () => {
  kma = await TestKma.start();
  shell = new KmaShell(kma.data, kma.folder);
});
after(() => kma[Symbol.asyncDispose]());

const schedule = () => shell.json<Schedule>('backup-schedule show', { user: BACKUP });

test('there is none at first; the Backup Operator sets one, and the next is due so long after the last', async () => {
  const before = await schedule();
  assert.deepEqual([before.everyHours, before.dueAt, before.overdue], [0, '', false]);
  await shell.refused('backup-schedule modify --every-hours 24', 'denied', 'ACCESS_DENIED', {
    user: AUDITOR,
  });
  await shell.refused('backup-schedule modify --every-hours -1', 'usage', 'INVALID_PARAMETERS', {
    user: BACKUP,
  });
  await shell.text('backup-schedule modify --every-hours 24', { user: BACKUP });
  const { everyHours, lastBackupAt, dueAt } = await schedule();
  assert.equal(everyHours, 24);
  assert.equal(Date.parse(dueAt) - Date.parse(lastBackupAt), 24 * 3_600_000);
});

test('the appliance makes none that is not due', async () => {
  await shell.refused('scheduled-backup create', 'conflict', 'BACKUP_NOT_DUE');
});

test('the appliance confirms none that somebody made himself', async () => {
  const made = await kma.ask<{ backupId: string; fileSha256: string; keyFileSha256: string }>(
    'CreateDatabaseBackup',
    {},
    BACKUP,
  );
  const { backupId, fileSha256, keyFileSha256 } = made;
  const hashes = ['--file-sha256', fileSha256, '--key-file-sha256', keyFileSha256];
  await shell.refused(['scheduled-backup', 'confirm', backupId, ...hashes], 'notFound', 'BACKUP_NOT_STAGED');
  await kma.ask('ConfirmBackupDownloaded', { backupId, fileSha256, keyFileSha256 }, BACKUP);
});

test('one that is late is in the status, and once in the audit', async () => {
  for (const { backupId } of await kma.rows<{ backupId: string }>('ListBackups', {}, BACKUP))
    await kma.ask('ConfirmBackupDestroyed', { backupId, comment: 'lost' }, BACKUP);
  assert.equal((await schedule()).overdue, true);
  assert.match(await shell.text('status'), /a scheduled backup is late: take one with/);
  await kma.stop();
  await withCore(kma.data, async ({ maintenance }) => {
    await maintenance.minutely();
    await maintenance.minutely();
  });
  await kma.resume();
  const noted = await kma.rows('ListAuditEvents', { filter: ['condition=Backup is overdue'] }, AUDITOR);
  assert.equal(noted.length, 1);
});

test('with a directory the KMA makes by itself what is due, and it counts', async () => {
  await kma.stop();
  await shell.refused(['serve', '--backup-directory', join(kma.data, 'here')], 'usage', 'BACKUP_INSIDE_DATA');
  const to = join(kma.folder, 'scheduled');
  await using served = await ServedKma.start(kma, '--backup-directory', to);
  await until('the backup is told of', () => served.stderr.includes('scheduled backup: '));
  assert.deepEqual(
    readdirSync(to)
      .map((name) => name.replace(/-[0-9A-F]{32}.*/, ''))
      .sort(),
    ['OKM-Backup', 'OKM-BackupKey'],
  );
  assert.equal((await schedule()).overdue, false);
  assert.doesNotMatch(await shell.text('status'), /a scheduled backup is late/);
  const records = await shell.rows<{ operation: string; entityId: string }>(
    'audit list --filter operation=ConfirmScheduledBackup',
    { user: AUDITOR },
  );
  assert.equal(records.length, 2, 'the one that was refused, and this');
  assert.equal(await served.end('SIGTERM'), 0);
});
