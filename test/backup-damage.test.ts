/** Restores that must not work: wrong people, too few of them, damaged or swapped files. Each gives one clear error and leaves nothing behind. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, test } from 'node:test';
import { sealText } from '../src/backup/core-security-file.ts';
import { isRefusal } from '../src/core/refusal.ts';
import { ERRORS, type ErrorCode, OpenKmaError } from '../src/errors.ts';
import { HOLDERS, type Person, QUORUM, TestKma } from './support/kma.ts';
import { asQuorum, kmaCommand } from './support/kma-command.ts';
import {
  anotherClustersCoreSecurityBackup,
  filesOf,
  type RestoreFiles,
  restoreFrom,
  traces,
} from './support/restoring.ts';
import { SmallDisk } from './support/small-disk.ts';

const kma = await TestKma.start();
after(() => kma[Symbol.asyncDispose]());
const older = filesOf(await kma.backup());
const good = filesOf(await kma.backup());
await kma.stop();
/** Of another cluster whose key holders have the same names and passphrases. */
const strange = await anotherClustersCoreSecurityBackup();
let target = 0;

interface Attempt {
  readonly files?: Partial<RestoreFiles>;
  readonly quorum?: readonly Person[];
}

/** The library and the command refuse with this code; the directory is not there, nor anything half done. */
async function refuses(code: ErrorCode, attempt: Attempt): Promise<void> {
  const files = { ...good, ...attempt.files };
  const quorum = attempt.quorum ?? QUORUM;
  const data = join(kma.folder, `restored-${++target}`);
  const answer = await restoreFrom(files, data, quorum);
  assert.ok(isRefusal(answer), 'the restore was refused');
  assert.equal(answer.refused, code);
  assert.deepEqual(traces(data), [], 'nothing is left');
  const run = await restoreByCommand(files, data, quorum);
  assert.notEqual(run.status, 0);
  const { error } = JSON.parse(run.stdout);
  assert.equal(error.code, code);
  assert.equal(error.number, ERRORS[code].number);
  assert.equal(run.stderr.match(/^error: /gm)?.length, 1, 'one error');
  assert.deepEqual(traces(data), [], 'nothing is left');
}

function restoreByCommand(files: RestoreFiles, data: string, quorum: readonly Person[]) {
  const argv = ['--core-security-backup', files.coreSecurityBackup, '--backup', files.backupFile];
  argv.push('--backup-key', files.backupKeyFile, ...asQuorum(kma.folder, quorum));
  return kmaCommand('--data', data, '--json', 'restore', ...argv);
}

/** A copy of the file with other bytes. */
function altered(path: string, alter: (bytes: Buffer) => Buffer): string {
  const copy = join(kma.folder, `altered-${++target}-${basename(path)}`);
  writeFileSync(copy, alter(readFileSync(path)), { mode: 0o600 });
  return copy;
}
const flipped = (at: (length: number) => number) => (bytes: Buffer) => {
  const place = at(bytes.length);
  bytes[place] = (bytes[place] ?? 0) ^ 1;
  return bytes;
};
const middle = (length: number) => length >> 1;

/** A file of JSON and a checksum, with another content and the checksum that belongs to it. */
function rewritten(
  path: string,
  change: (content: Record<string, unknown>) => Record<string, unknown>,
): string {
  return altered(path, (bytes) => {
    const json = bytes.toString('utf8').replace(/\nsha256 [0-9A-F]{64}\n$/, '');
    return Buffer.from(sealText(JSON.stringify(change(JSON.parse(json)), null, 2)));
  });
}

test('the files are good: with the quorum they restore', async () => {
  const data = join(kma.folder, 'good');
  assert.ok(!isRefusal(await restoreFrom(good, data)));
});

test('refuses too few key split credentials', async () => {
  await refuses('QUORUM_NOT_MET', { quorum: HOLDERS.slice(0, 1) });
  const data = join(kma.folder, 'nobody');
  const nobody = await restoreFrom(good, data, []);
  assert.ok(isRefusal(nobody));
  assert.equal(nobody.refused, 'QUORUM_NOT_MET');
});

test('refuses one credential given twice', async () => {
  const [first] = HOLDERS;
  assert.ok(first !== undefined);
  await refuses('QUORUM_NOT_MET', { quorum: [first, first] });
});

test('refuses a wrong passphrase and an unknown name alike', async () => {
  const [first, second] = HOLDERS;
  assert.ok(first !== undefined && second !== undefined);
  const answers = [];
  for (const wrong of [
    { name: second.name, passphrase: first.passphrase },
    { name: 'holder-nobody', passphrase: second.passphrase },
  ])
    answers.push(await restoreFrom(good, join(kma.folder, 'wrong-person'), [first, wrong]));
  assert.deepEqual(answers, [{ refused: 'QUORUM_NOT_MET' }, { refused: 'QUORUM_NOT_MET' }]);
  await refuses('QUORUM_NOT_MET', {
    quorum: [first, { name: second.name, passphrase: 'Wrong-passphrase-1' }],
  });
});

test('refuses a wrong share: two holders with each other’s shares in an otherwise sound file', async () => {
  const coreSecurityBackup = rewritten(good.coreSecurityBackup, (content) => {
    const split = JSON.parse(Buffer.from(String(content['keySplit']), 'base64').toString('utf8'));
    const [first, second] = split.holders;
    [first.share, second.share] = [second.share, first.share];
    return { ...content, keySplit: Buffer.from(JSON.stringify(split)).toString('base64') };
  });
  await refuses('QUORUM_NOT_MET', { files: { coreSecurityBackup } });
});

test('refuses a backup file that was damaged, shortened or emptied', async () => {
  const damages = [
    flipped(middle),
    flipped((length) => length - 1),
    (bytes: Buffer) => bytes.subarray(0, -1),
  ];
  for (const damage of [...damages, () => Buffer.alloc(0)]) {
    const files = { ...good, backupFile: altered(good.backupFile, damage) };
    const data = join(kma.folder, 'damaged');
    const answer = await restoreFrom(files, data);
    assert.ok(isRefusal(answer));
    assert.equal(answer.refused, 'BACKUP_FILE_INVALID');
    assert.deepEqual(traces(data), []);
  }
  await refuses('BACKUP_FILE_INVALID', { files: { backupFile: altered(good.backupFile, flipped(middle)) } });
});

test('refuses a damaged backup key file, also one whose checksum was made to fit', async () => {
  const { backupKeyFile } = good;
  await refuses('BACKUP_FILE_INVALID', { files: { backupKeyFile: altered(backupKeyFile, flipped(middle)) } });
  for (const change of [
    { stateHash: '0'.repeat(64) },
    { vector: {} },
    { kmaName: 'another' },
    { createdAt: '2001-01-01T00:00:00.000Z' },
    { rootEpochId: '0'.repeat(32) },
  ]) {
    const answer = await restoreFrom(
      { ...good, backupKeyFile: rewritten(backupKeyFile, (content) => ({ ...content, ...change })) },
      join(kma.folder, 'key-file-rewritten'),
    );
    assert.ok(isRefusal(answer), JSON.stringify(change));
    assert.equal(answer.refused, 'BACKUP_FILE_INVALID');
  }
});

test('refuses the key file of another backup', async () => {
  await refuses('BACKUP_FILE_INVALID', { files: { backupKeyFile: older.backupKeyFile } });
});

test('refuses a key file that was rewritten to fit another backup file', async () => {
  const fitting = JSON.parse(readFileSync(good.backupKeyFile, 'utf8').replace(/\nsha256 .*\n$/, ''));
  const { fileSha256, fileBytes } = fitting;
  const backupKeyFile = rewritten(older.backupKeyFile, (content) => ({ ...content, fileSha256, fileBytes }));
  await refuses('BACKUP_FILE_INVALID', { files: { backupKeyFile } });
});

test('refuses the core security backup of another cluster, even with the same people', async () => {
  await refuses('BACKUP_FILE_INVALID', { files: { coreSecurityBackup: strange } });
});

test('refuses a damaged core security backup, and files in each other’s place', async () => {
  const { coreSecurityBackup, backupFile, backupKeyFile } = good;
  const damaged = altered(coreSecurityBackup, flipped(middle));
  await refuses('BACKUP_FILE_INVALID', { files: { coreSecurityBackup: damaged } });
  await refuses('BACKUP_FILE_INVALID', { files: { coreSecurityBackup: backupKeyFile } });
  await refuses('BACKUP_FILE_INVALID', { files: { backupKeyFile: backupFile } });
});

test('names a file that is not there', async () => {
  const missing = join(kma.folder, 'no-such-file');
  for (const name of ['coreSecurityBackup', 'backupFile', 'backupKeyFile'] as const) {
    const data = join(kma.folder, 'from-nothing');
    const run = await restoreByCommand({ ...good, [name]: missing }, data, QUORUM);
    assert.notEqual(run.status, 0);
    assert.match(JSON.parse(run.stdout).error.detail, /no-such-file/);
    assert.deepEqual(traces(data), []);
  }
});

test('a restore onto a full disk says so, and does not blame the backup', async (t) => {
  const disk = SmallDisk.mount(1);
  if (typeof disk === 'string') return t.skip(disk);
  t.after(() => disk.unmount());
  const data = join(disk.path, 'data');
  await assert.rejects(
    restoreFrom(good, data),
    (error) => error instanceof OpenKmaError && error.code === 'STORE_UNWRITABLE',
  );
  assert.deepEqual(traces(data), []);
});
