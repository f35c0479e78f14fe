/** Long work in the web Manager: a backup that goes on while its page is loaded anew, is downloaded and read back, and is restored into a new KMA in the browser too. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { childrenOf } from '../../src/processes/child-processes.ts';
import { BACKUP, OFFICER, OPERATOR, type Person, QUORUM } from '../support/kma.ts';
import { coreSecurityBackupIn } from '../support/restoring.ts';
import { until } from '../support/until.ts';
import { fillQuorum, openForm } from './forms.ts';
import { ManagerKma } from './manager-kma.ts';

const TEMPORARY: Person = { name: 'temporary', passphrase: 'Only-for-today-9' };
const PASSING = [{ name: 'passing', passphrase: 'Goes-away-soon-8' }];

let manager: ManagerKma;
/** Of the backup: where a browser has put them. */
let saved: { backup: string; key: string };
before(async () => {
  manager = await ManagerKma.start({ host: '127.0.0.77' });
});
after(() => manager?.[Symbol.asyncDispose]());

/** The process of the KMA that copies and encrypts. */
function reader(): number {
  const found = childrenOf(process.pid).find((pid) =>
    readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('processes/reader'),
  );
  assert.ok(found !== undefined);
  return found;
}

test('a backup under way is told of on every page, also after a reload, and its job shows how far it is', async () => {
  await using opened = await manager.at(BACKUP, '/backups');
  const { page } = opened;
  const form = await openForm(page, 'Create database backup');
  const copying = reader();
  process.kill(copying, 'SIGSTOP');
  try {
    await form.getByRole('button', { name: 'Create database backup' }).click();
    await page.getByText('Create database backup: It is under way').waitFor();
    await page.reload();
    await page.getByText('Under way: Create database backup').waitFor();
    await page.getByRole('link', { name: 'Follow it' }).click();
    await page.getByRole('progressbar').waitFor();
  } finally {
    process.kill(copying, 'SIGCONT');
  }
  await page.getByText('It is done.').waitFor();
  await page.getByText('Under way: Create database backup').waitFor({ state: 'detached' });
  saved = await downloaded(page);
});

/** Saves both files, and has them read back. */
async function downloaded(page: Page): Promise<typeof saved> {
  const downloads: Promise<string>[] = [];
  const names: string[] = [];
  page.on('download', (file) => {
    names.push(file.suggestedFilename());
    const path = join(manager.kma.folder, file.suggestedFilename());
    downloads.push(file.saveAs(path).then(() => path));
  });
  await page.getByRole('button', { name: 'Download both files' }).click();
  await until('both files', () => downloads.length === 2);
  const paths = await Promise.all(downloads);
  const of = (start: string) => paths[names.findIndex((name) => name.startsWith(start))] ?? '';
  const files = { backup: of('OKM-Backup-'), key: of('OKM-BackupKey-') };
  const backupInput = page.getByLabel(/^OKM-Backup-/);
  await backupInput.setInputFiles(files.key);
  await page.getByLabel(/^OKM-BackupKey-/).setInputFiles(files.key);
  await page.getByRole('button', { name: 'Check and confirm' }).click();
  await page.getByText(/This is not OKM-Backup-.* as the KMA made it/).waitFor();
  await backupInput.setInputFiles(files.backup);
  await page.getByRole('button', { name: 'Check and confirm' }).click();
  await page.getByText('What was saved is whole.').waitFor();
  return files;
}

test('a KMA in use says that nothing can be restored into it, and where it is done', async () => {
  await manager.kma.createAgent('drive-1');
  await using opened = await manager.at(OFFICER, '/restore');
  const { page } = opened;
  await page.getByText('Nothing can be restored into this KMA.').waitFor();
  await page.getByText(/run "kma init" on a machine/).waitFor();
  assert.equal(await page.getByRole('button', { name: 'Restore from files' }).count(), 0);
});

test('a backup is restored into a new KMA in the browser, which is then the KMA of the backup', async () => {
  await using fresh = await ManagerKma.start({
    ...{ host: '127.0.0.78', bare: true },
    answers: { threshold: 1, credentials: PASSING, securityOfficer: TEMPORARY },
  });
  const { page, context } = await fresh.at(TEMPORARY, '/restore');
  await page.getByLabel('Core security backup').setInputFiles(coreSecurityBackupIn(manager.kma.backups));
  await page.getByLabel('Backup key file').setInputFiles(saved.key);
  await page.getByLabel('Backup file', { exact: false }).last().setInputFiles(saved.backup);
  await fillQuorum(page, PASSING);
  await page.getByRole('button', { name: 'Restore from files' }).click();
  await page.getByText(/quorum is not met/).waitFor();
  await page.getByLabel('Name 1').fill('');
  await page.getByLabel('Passphrase 1').fill('');
  await fillQuorum(page, QUORUM);
  await page.getByRole('button', { name: 'Restore from files' }).click();
  await page.getByText('Restored: this is kma-test now').waitFor();
  const caKey = (await page.locator('.okm-code').last().textContent()) ?? '';
  const root = await manager.kma.ask<{ publicKeySha256: string }>('ShowRootCa', {}, OPERATOR);
  assert.equal(caKey, root.publicKeySha256);
  await context.close();
});
