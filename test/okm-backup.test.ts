/** Database backups over the network with okm: made as a job, fetched in pieces, taken up again, read back, confirmed. */
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isRefusal } from '../src/core/refusal.ts';
import { CuttingProxy } from './support/cutting-proxy.ts';
import { AUDITOR, BACKUP, OFFICER, type Person, TestKma } from './support/kma.ts';
import { asUser, programFed } from './support/kma-command.ts';
import { OkmShell } from './support/okm-shell.ts';
import { coreSecurityBackupIn, restoreFrom } from './support/restoring.ts';
import { ServedKma } from './support/served-kma.ts';
import { until } from './support/until.ts';

const OKM_BACKUP = fileURLToPath(new URL('../src/cli/okm/okm-backup-main.ts', import.meta.url));

interface Made {
  readonly backupId: string;
  readonly fileName: string;
  readonly keyFileName: string;
  readonly fileSha256: string;
}
interface Fetched {
  readonly backupId: string;
  readonly files: readonly [string, string];
}

let kma: TestKma;
let served: ServedKma;
let caKey: string;
let backups: OkmShell;
let auditor: OkmShell;
let coreSecurityBackup: string;

before(async () => {
  kma = await TestKma.start();
  coreSecurityBackup = coreSecurityBackupIn(kma.backups);
  caKey = (await kma.ask<{ publicKeySha256: string }>('ShowRootCa', {}, OFFICER)).publicKeySha256;
  await kma.stop();
  served = await ServedKma.start(kma);
  backups = await loggedIn(BACKUP);
  auditor = await loggedIn(AUDITOR);
});
after(async () => {
  await served[Symbol.asyncDispose]();
  await kma[Symbol.asyncDispose]();
});

async function loggedIn(person: Person, portOffset = served.portOffset): Promise<OkmShell> {
  const okm = new OkmShell(kma.folder);
  const at = ['--kma', '127.0.0.1', '--port-offset', String(portOffset)];
  await okm.text('profile', 'create', 'berlin', ...at, '--ca-key', caKey);
  await okm.text('login', person.name, ...asUser(kma.folder, person).slice(2));
  return okm;
}

const folder = (name: string) => join(kma.folder, name);
const sha256 = (path: string) => hash('sha256', readFileSync(path)).toUpperCase();
const listed = async (backupId: string) =>
  (
    await backups.rows<{ usable: boolean; downloadedAt: string }>(
      'backup',
      'list',
      '--filter',
      `backupId=${backupId}`,
    )
  )[0];

/** A job that made a backup, whose files nobody has fetched; and where they lie. */
async function made(): Promise<{ job: string; backup: Made; staged: string }> {
  const backup = await backups.json<Made>('backup', 'create');
  const [job] = await backups.rows<{ job: string; operation: string; state: string }>('job', 'list');
  assert.deepEqual([job?.operation, job?.state], ['CreateDatabaseBackup', 'done']);
  const staged = readdirSync(kma.data, { recursive: true, encoding: 'utf8' }).find((path) =>
    path.endsWith(backup.fileName),
  );
  return { job: job?.job ?? '', backup, staged: join(kma.data, staged ?? 'nowhere') };
}

test('one command makes it, fetches both files, and it counts; what was fetched can be restored', async () => {
  const to = folder('whole');
  const { backupId, files } = await backups.json<Fetched>('backup', '--directory', to);
  for (const file of files) assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(to).length, 2, 'nothing else is left there');
  const row = await listed(backupId);
  assert.equal(row?.usable, true);
  assert.notEqual(row?.downloadedAt, '');
  const files2 = { coreSecurityBackup, backupFile: files[0], backupKeyFile: files[1] };
  assert.equal(isRefusal(await restoreFrom(files2, folder('restored'))), false);
});

test('for people it says what to do if it is broken off, and where the files are', async () => {
  const to = folder('for people');
  const { status, stdout, stderr } = await backups.run('backup', '--directory', to);
  assert.equal(status, 0, stderr);
  assert.match(stderr, /was not there and was made/);
  assert.match(stderr, /go on with: okm backup --directory '.*for people' --job [0-9A-F]{32}/);
  assert.match(stdout, /OKM-BackupKey-/);
});

test('it is the work of the Backup Operator, for whom the answer names no place on the KMA', async () => {
  const { status, stderr } = await auditor.run('backup', '--directory', folder('nobody'));
  assert.equal(status, 4);
  assert.match(stderr, /ACCESS_DENIED/);
  const { job, backup } = await made();
  assert.equal('directory' in backup, false);
  assert.deepEqual(await auditor.rows('job', 'list'), []);
  const foreign = await auditor.run('job', 'show', job);
  assert.match(foreign.stderr, /JOB_DOES_NOT_EXIST/);
  const piece = await auditor.run('backup', 'read', backup.backupId, '--part', 'key');
  assert.match(piece.stderr, /ACCESS_DENIED/);
});

test('a download that was broken off goes on where it ended', async () => {
  const { job, backup, staged } = await made();
  const to = folder('again');
  mkdirSync(to);
  const part = join(to, `${backup.fileName}.part`);
  copyFileSync(staged, part);
  const half = Math.floor(statSync(staged).size / 2);
  truncateSync(part, half);
  const { files } = await backups.json<Fetched>('backup', '--directory', to, '--job', job);
  assert.equal(sha256(files[0]), backup.fileSha256);
  assert.equal(existsSync(part), false);
});

test('what was there of another file is noticed, taken away, and does not count', async () => {
  const { job, backup } = await made();
  const to = folder('wrong');
  mkdirSync(to);
  const part = join(to, `${backup.fileName}.part`);
  writeFileSync(part, 'not the beginning of it');
  const refused = await backups.run('backup', '--directory', to, '--job', job);
  assert.match(refused.stderr, /BACKUP_FILE_INVALID/);
  assert.deepEqual(readdirSync(to), []);
  assert.equal((await listed(backup.backupId))?.usable, false);
  const { files } = await backups.json<Fetched>('backup', '--directory', to, '--job', job);
  assert.equal(sha256(files[0]), backup.fileSha256);
});

test('broken connections are made anew, and no byte is fetched twice or left out', async () => {
  await using proxy = await CuttingProxy.start(served.portOffset, served.portOffset - 6_500, 500_000);
  const okm = await loggedIn(BACKUP, proxy.portOffset);
  const { backupId } = await okm.json<Fetched>('backup', '--directory', folder('cut'), '--retries', '20');
  assert.ok(proxy.cuts > 0, 'a connection was cut');
  assert.equal((await listed(backupId))?.usable, true);
});

test('the audit has each file once, however many pieces it has', async () => {
  const { backupId } = await backups.json<Fetched>('backup', '--directory', folder('audited'));
  const records = await auditor.rows<{ message: string }>(
    'audit',
    'list',
    '--filter',
    'operation=ReadBackupPiece',
  );
  const own = records.map(({ message }) => message).filter((message) => message.includes(backupId));
  assert.deepEqual(own.map((message) => message.replace(/ without-record=\d+/, '')).sort(), [
    `backup=${backupId} part=backup`,
    `backup=${backupId} part=key`,
  ]);
});

test('OKM_Backup takes the words of old scripts, and no passphrase', async () => {
  const profile = { XDG_CONFIG_HOME: backups.home, OKM_PROFILE: '' };
  const old = (...words: string[]) =>
    programFed(`${BACKUP.passphrase}\n`, profile, OKM_BACKUP, '-UserID', BACKUP.name, ...words);
  const to = folder('old script');
  const place = ['-KMAIPAddress', '127.0.0.1', '-BackupFilePath', to, '-Retries', '2', '-Timeout', '1'];
  const { status, stdout, stderr } = await old(...place, '--user-passphrase-file', '-');
  assert.equal(status, 0, stderr);
  assert.match(stderr, /^OKM_Backup of OpenKMA \d/);
  assert.match(stdout, /OKM-Backup-[0-9A-F]{32}-/);
  assert.equal(readdirSync(to).length, 2);
  for (const words of [['-Passphrase', BACKUP.passphrase], [`--Passphrase=${BACKUP.passphrase}`]]) {
    const refused = await old(...place, ...words);
    assert.equal(refused.status, 2);
    assert.match(refused.stderr, /-Passphrase is not taken/);
    assert.ok(!`${refused.stdout}${refused.stderr}`.includes(BACKUP.passphrase));
  }
});

test('over and over with a saved certificate, until it is ended; a log-in would end before', async () => {
  const to = folder('over and over');
  const refused = await backups.run('backup', '--directory', to, '--every', '1h');
  assert.match(refused.stderr, /a log-in ends after some hours/);
  const certificate = folder('backups.pem');
  await backups.text('certificate', 'save', '--out', certificate);
  const child = backups.start('backup', '--directory', to, '--every', '1s', '--usercert', certificate);
  const ended = once(child, 'exit');
  await until(
    'three backups',
    () => existsSync(to) && readdirSync(to).filter((name) => name.endsWith('.json')).length >= 3,
  );
  child.kill('SIGTERM');
  await ended;
});

test('two backups wait to be fetched at most: each is a copy of the whole database', async () => {
  const first = await made();
  await made();
  await made();
  const staging = join(kma.data, 'staging');
  assert.equal(readdirSync(staging).filter((name) => name.startsWith('backup-')).length, 2);
  const piece = await backups.run('backup', 'read', first.backup.backupId, '--part', 'key');
  assert.match(piece.stderr, /BACKUP_NOT_STAGED/);
});

test('a restart ends what waits to be fetched, and says so', async () => {
  const { job, backup } = await made();
  await served.end('SIGTERM');
  served = await ServedKma.start(kma);
  backups = await loggedIn(BACKUP);
  const gone = await backups.run('backup', '--directory', folder('late'), '--job', job);
  assert.match(gone.stderr, /JOB_DOES_NOT_EXIST/);
  const piece = await backups.run('backup', 'read', backup.backupId, '--part', 'backup');
  assert.match(piece.stderr, /BACKUP_NOT_STAGED/);
});
