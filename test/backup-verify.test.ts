/** "backup verify" on the backups of a real KMA: what it finds in a good one, and that it refuses every other and leaves nothing behind. */
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { VerifiedBackup } from '../src/backup/verify/verify.ts';
import { fetchCoreSecurityBackup } from '../src/cli/backup-commands.ts';
import { isRefusal } from '../src/core/refusal.ts';
import { ERRORS, type ErrorCode } from '../src/errors.ts';
import { COMPLIANCE, HOLDERS, OFFICER, OPERATOR, type Person, QUORUM, TestKma } from './support/kma.ts';
import { asQuorum, KMA_PROGRAM, programFed } from './support/kma-command.ts';
import { KmaShell } from './support/kma-shell.ts';
import { OkmShell } from './support/okm-shell.ts';
import {
  anotherClustersCoreSecurityBackup,
  coreSecurityBackupIn,
  filesOf,
  type RestoreFiles,
} from './support/restoring.ts';
import { SmallDisk } from './support/small-disk.ts';
import { listOf, rebuilt, Verifying } from './support/verifying.ts';

const KILLER = fileURLToPath(new URL('support/kill-before-write.ts', import.meta.url));
const NEW_HOLDERS = ['dora', 'emil'].map((name) => ({ name, passphrase: 'Split-once-more-8' }));
const KEYS_OF_EACH = 4;

const kma = await TestKma.start();
after(() => kma[Symbol.asyncDispose]());
const secrets: string[] = [];
for (const group of ['group-a', 'group-b']) {
  await kma.createAgent(`drive-of-${group}`, {}, group);
  const agent = await kma.agent(`drive-of-${group}`, { create: false });
  const { dataUnitId } = await agent.createDataUnit();
  for (let i = 0; i < KEYS_OF_EACH; i++) {
    const { keyId, key } = await agent.createKey(i === 0 ? { dataUnitId } : {});
    secrets.push(Buffer.from(key.reveal()).toString('hex'));
    if (i < 2) await kma.ask('CompromiseKey', { keyId, comment: 'a test' }, COMPLIANCE);
  }
  if (group === 'group-b') await kma.ask('DestroyKeys', { dataUnitId, comment: 'a test' }, OPERATOR);
  agent.close();
}
await kma.poolFilled();
const older = filesOf(await kma.backup());
const good = filesOf(await kma.backup());
const newerCoreSecurity = await coreSecurityOfNewHolders();
await kma.stop();
/** Of another cluster whose key holders have the same names and passphrases. */
const strange = await anotherClustersCoreSecurityBackup();

async function coreSecurityOfNewHolders(): Promise<string> {
  const split = NEW_HOLDERS.map((holder) => ({ ...holder, new: true as const }));
  const changed = await kma.answer('ModifyKeySplit', { threshold: 2 }, OFFICER, [...QUORUM, ...split]);
  assert.ok(!isRefusal(changed));
  const to = join(kma.folder, 'newer');
  await fetchCoreSecurityBackup({ dataDirectory: kma.data, user: OFFICER, to });
  return coreSecurityBackupIn(to);
}

function found(answer: Awaited<ReturnType<Verifying['run']>>): VerifiedBackup {
  assert.ok(!isRefusal(answer), JSON.stringify(answer));
  return answer;
}

/** With nothing left. */
async function refuses(
  code: ErrorCode,
  detail: RegExp,
  files: RestoreFiles | readonly string[],
  options: Parameters<Verifying['run']>[1] = {},
): Promise<void> {
  const verifying = new Verifying(kma.folder);
  const answer = await verifying.run(files, options);
  assert.ok(isRefusal(answer), 'it was refused');
  assert.equal(answer.refused, code);
  assert.match(answer.detail ?? '', detail);
  assert.deepEqual(verifying.left, []);
}

/** A copy of the file with other bytes. */
function altered(path: string, alter: (bytes: Buffer) => Buffer): string {
  const copy = join(mkdtempSync(join(kma.folder, 'altered-')), basename(path));
  writeFileSync(copy, alter(readFileSync(path)), { mode: 0o600 });
  return copy;
}
function flippedInTheMiddle(bytes: Buffer): Buffer {
  const middle = bytes.length >> 1;
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  return bytes;
}

test('a good pair: everything is counted, and keys of every group and state open', async () => {
  const verifying = new Verifying(kma.folder);
  const report = found(await verifying.run(good));
  assert.deepEqual(verifying.left, []);
  const states = { READY: 0, GENERATED: 0, ...report.keysByState };
  const { READY, GENERATED, ...issued } = states;
  assert.deepEqual(issued, {
    PROTECT_AND_PROCESS: 4,
    COMPROMISED: 3,
    DESTROYED_COMPROMISED_INCOMPLETE: 1,
  });
  assert.ok(READY + GENERATED >= 1000, 'the pool');
  assert.equal(report.keys, READY + GENERATED + 8);
  assert.deepEqual([report.dataUnits, report.agents, report.users, report.kmaName], [2, 2, 5, 'kma-test']);
  assert.equal(report.opened, 100);
  const text = ({ group, state }: { group: string; state: string }) => `${group} ${state}`;
  const spread = report.sample.filter(({ group }) => group !== '');
  // Groups come in the order of their IDs, which are random.
  assert.deepEqual(
    spread.toSorted((one, other) => (text(one) < text(other) ? -1 : 1)),
    [
      { group: 'group-a', state: 'COMPROMISED', keys: 2, opened: 2 },
      { group: 'group-a', state: 'PROTECT_AND_PROCESS', keys: 2, opened: 2 },
      { group: 'group-b', state: 'COMPROMISED', keys: 1, opened: 1 },
      { group: 'group-b', state: 'PROTECT_AND_PROCESS', keys: 2, opened: 2 },
    ],
  );
  assert.equal(report.minutesToRestore, 1);
  const measured = report.steps.filter(({ restore }) => restore).map(({ step }) => step);
  assert.deepEqual(measured, [
    'testing the cryptography',
    'checking the backup file',
    'opening the key split with the quorum',
    'decrypting the backup',
    'checking the state',
    'making a new identity with the root CA',
  ]);
  assert.ok(report.steps.every(({ seconds }) => seconds >= 0));
  const made = Date.parse(report.backupMadeAt);
  const newest = Date.parse(report.newestRecordAt);
  assert.ok(newest <= made + 1000 && made - newest < 60_000, 'the newest record is just before the backup');
});

test('all keys are opened where that is asked for, and one of each kind where few are', async () => {
  const verifying = new Verifying(kma.folder);
  const all = found(await verifying.run(good, { sample: 'all' }));
  assert.equal(all.opened, all.keys - 1, 'all but the destroyed one');
  assert.ok(all.sample.every(({ keys, opened }) => keys === opened));
  const few = found(await verifying.run(good, { sample: all.sample.length }));
  assert.ok(few.sample.every(({ opened }) => opened === 1));
});

test('a core security backup that is older, or newer and of other people, opens the pair, and it is said', async () => {
  const verifying = new Verifying(kma.folder);
  const old = found(await verifying.run(good));
  assert.equal(old.coreSecurityBackupIs, 'older than the backup');
  assert.equal(old.keySplitIs, 'that of the backup');
  const files = { ...good, coreSecurityBackup: newerCoreSecurity };
  const newer = found(await verifying.run(files, { quorum: NEW_HOLDERS }));
  assert.equal(newer.coreSecurityBackupIs, 'newer than the backup');
  assert.equal(newer.keySplitIs, 'another than in the backup');
});

test('both commands verify files in any order, print no key and write nowhere else', async () => {
  const files = listOf(good);
  const before = files.map((path) => [statSync(path).mtimeMs, hash('sha256', readFileSync(path))]);
  const beside = readdirSync(kma.backups);
  const quorum = asQuorum(kma.folder, QUORUM);
  const [scratch, home] = [mkdtempSync(join(kma.folder, 'scratch-')), mkdtempSync(join(kma.folder, 'home-'))];
  const words = [
    'backup',
    'verify',
    ...files.toReversed(),
    '--scratch',
    scratch,
    '--sample',
    'all',
    ...quorum,
  ];
  const elsewhere = { TMPDIR: home, HOME: home, XDG_CONFIG_HOME: home };
  const okmProgram = join(dirname(KMA_PROGRAM), 'okm', 'main.ts');
  for (const program of [KMA_PROGRAM, okmProgram]) {
    const json = await programFed('', elsewhere, program, '--json', ...words);
    assert.equal(json.status, 0, json.stderr);
    assert.equal(json.stderr, '');
    const report = JSON.parse(json.stdout) as VerifiedBackup;
    assert.equal(report.opened, report.keys - 1);
    const text = await programFed('', elsewhere, program, ...words);
    assert.equal(text.status, 0, text.stderr);
    assert.match(text.stdout, /^Minutes to restore +1$/m);
    assert.match(text.stderr, /^decrypting the backup \.\.\.$/m);
    assert.match(text.stderr, /Sound: \d+ keys opened\. Whatever happened after 20/);
    const printed = [json, text].flatMap(({ stdout, stderr }) => [stdout, stderr]).join('');
    for (const secret of secrets) assert.ok(!printed.toLowerCase().includes(secret));
    assert.ok(!printed.includes('AGE-SECRET'));
  }
  assert.deepEqual(readdirSync(scratch), []);
  assert.deepEqual(readdirSync(home), []);
  assert.deepEqual(
    files.map((path) => [statSync(path).mtimeMs, hash('sha256', readFileSync(path))]),
    before,
  );
  assert.deepEqual(readdirSync(kma.backups), beside);
});

test('the key file of another pair, an altered byte, a cut file are refused, before anybody is asked for a passphrase', async () => {
  const nobody: readonly Person[] = [];
  const pair = /damaged, or belongs to another backup key file/;
  await refuses(
    'BACKUP_FILE_INVALID',
    pair,
    { ...good, backupKeyFile: older.backupKeyFile },
    { quorum: nobody },
  );
  for (const alter of [flippedInTheMiddle, (bytes: Buffer) => bytes.subarray(0, -1)]) {
    const files = { ...good, backupFile: altered(good.backupFile, alter) };
    await refuses('BACKUP_FILE_INVALID', pair, files, { quorum: nobody });
  }
  for (const name of ['backupKeyFile', 'coreSecurityBackup'] as const)
    for (const alter of [flippedInTheMiddle, (bytes: Buffer) => bytes.subarray(0, -20)])
      await refuses('BACKUP_FILE_INVALID', /file is damaged/, {
        ...good,
        [name]: altered(good[name], alter),
      });
});

test('a wrong quorum is refused in one way, whatever is wrong with it', async () => {
  const [first, second] = HOLDERS;
  assert.ok(first !== undefined && second !== undefined);
  for (const quorum of [
    [],
    [first],
    [first, first],
    [first, { ...second, passphrase: 'Wrong-passphrase-1' }],
    [first, { ...second, name: 'holder-nobody' }],
  ])
    await refuses('QUORUM_NOT_MET', /^$/, good, { quorum });
});

test('the core security backup of another KMA is refused, even with the same people', async () => {
  await refuses('BACKUP_FILE_INVALID', /different clusters/, { ...good, coreSecurityBackup: strange });
});

test('a file that is missing, doubled or none of a backup is named', async () => {
  const [backupFile = '', backupKeyFile = '', coreSecurityBackup = ''] = listOf(good);
  await refuses('BACKUP_FILE_INVALID', /no core security backup was given/, [backupFile, backupKeyFile]);
  await refuses('BACKUP_FILE_INVALID', /no backup file was given/, [backupKeyFile, coreSecurityBackup]);
  await refuses('BACKUP_FILE_INVALID', /is a second backup key file/, [...listOf(good), older.backupKeyFile]);
  await refuses('BACKUP_FILE_INVALID', /kma\.db is no file of a backup/, [join(kma.data, 'kma.db')]);
  await refuses('BACKUP_FILE_INVALID', /there is no file .*missing/, [join(kma.folder, 'missing')]);
});

test('the command refuses with the exit code of the error', async () => {
  const scratch = mkdtempSync(join(kma.folder, 'scratch-'));
  const shell = new KmaShell(kma.data, kma.folder);
  const words = (files: RestoreFiles) => ['backup', 'verify', ...listOf(files), '--scratch', scratch];
  await shell.refused(words(good), 'quorum', 'QUORUM_NOT_MET', { quorum: HOLDERS.slice(0, 1) });
  const damaged = { ...good, backupFile: altered(good.backupFile, flippedInTheMiddle) };
  await shell.refused(words(damaged), 'usage', 'BACKUP_FILE_INVALID', { quorum: QUORUM });
  const nowhere = ['backup', 'verify', ...listOf(good), '--scratch', join(scratch, 'none')];
  await shell.refused(nowhere, 'usage', 'SCRATCH_UNUSABLE', { quorum: QUORUM });
  await shell.refused([...words(good), '--sample', '0'], 'usage', 'USAGE', { quorum: QUORUM });
  await shell.refused('backup verify', 'usage', 'USAGE');
  await shell.refused('backup', 'usage', 'USAGE');
  const okm = new OkmShell(kma.folder);
  const run = await okm.run(...words(good), '--json', ...asQuorum(kma.folder, HOLDERS.slice(0, 1)));
  assert.equal(run.status, 6);
  assert.equal(JSON.parse(run.stdout).error.number, ERRORS.QUORUM_NOT_MET.number);
  assert.deepEqual(readdirSync(scratch), []);
});

test('a backup whose files are whole and whose content is not sound is refused, and says why', async () => {
  const refused = async (detail: RegExp, alter: (database: DatabaseSync) => void) =>
    refuses('BACKUP_UNSOUND', detail, await rebuilt(good, kma.folder, alter), { sample: 'all' });
  const key = `(SELECT objectId FROM key WHERE activatedStamp IS NOT NULL AND destroyedStamp IS NULL LIMIT 1)`;
  await refused(/sealed bytes are missing or altered: 1 of them/, (database) => {
    database.exec(`DELETE FROM object WHERE id = ${key}`);
  });
  await refused(/sealed bytes are missing or altered: 1 of them/, (database) => {
    database.exec(`UPDATE object SET bytes = zeroblob(64) WHERE id = ${key}`);
  });
  await refused(/keys do not decrypt: 1 of them/, (database) => {
    const { bytes } = database.prepare(`SELECT bytes FROM object WHERE id = ${key}`).get() ?? {};
    const wrong = flippedInTheMiddle(Buffer.from(bytes as Uint8Array));
    const sha256 = hash('sha256', wrong).toUpperCase();
    const { id } = database.prepare(`SELECT id FROM object WHERE id = ${key}`).get() ?? {};
    database.prepare('UPDATE object SET bytes = ?, sha256 = ? WHERE id = ?').run(wrong, sha256, String(id));
    database.prepare('UPDATE key SET objectSha256 = ? WHERE objectId = ?').run(sha256, String(id));
  });
  await refused(/audit of the (short|medium|long) term: record 3 was altered/, (database) => {
    database.exec(`UPDATE audit SET record = replace(record, 'kma-test', 'kma-text') WHERE row =
      (SELECT row FROM audit WHERE seq = 3 LIMIT 1)`);
  });
  await refused(/the key of the root CA/, (database) => {
    database.exec(`UPDATE object SET bytes = zeroblob(64) WHERE kind = 'ca-key'`);
  });
  await refused(/the key of the root CA/, (database) => {
    database.exec(`DELETE FROM object WHERE kind = 'master-key'`);
  });
  await refused(/the master key of epoch F{32} does not open/, (database) => {
    database.exec(
      `INSERT INTO master_epoch (id, stamps, createdStamp) VALUES ('${'F'.repeat(32)}', '', '1')`,
    );
  });
  const stateHash = '0'.repeat(64);
  const untrue = await rebuilt(good, kma.folder, () => undefined, { stateHash });
  await refuses('BACKUP_UNSOUND', /its state is not the one/, untrue);
  const ofVersion = (version: number) =>
    rebuilt(good, kma.folder, (database) => database.exec(`PRAGMA user_version = ${version}`), { stateHash });
  await refuses('BACKUP_UNSOUND', /the database does not open/, await ofVersion(1));
  await refuses('SCHEMA_TOO_NEW', /schema version 99/, await ofVersion(99));
  const foreign = await rebuilt(good, kma.folder, (database) => database.exec('PRAGMA application_id = 1'), {
    stateHash,
  });
  await refuses('BACKUP_UNSOUND', /not one of OpenKMA/, foreign);
});

test('a sound backup that was only sealed anew passes, so that the refusals are not for that', async () => {
  const files = await rebuilt(good, kma.folder, () => undefined);
  found(await new Verifying(kma.folder).run(files));
});

test('a scratch directory without space is refused, and nothing is left', async (t) => {
  const disk = SmallDisk.mount(1);
  if (typeof disk === 'string') return t.skip(disk);
  t.after(() => disk.unmount());
  const verifying = new Verifying(disk.path);
  const answer = await verifying.run(good);
  assert.ok(isRefusal(answer));
  assert.equal(answer.refused, 'SCRATCH_UNUSABLE');
  assert.deepEqual(verifying.left, []);
});

test('what a killed run leaves is private, and the next run removes it and says so', async () => {
  const verifying = new Verifying(kma.folder);
  const words = ['backup', 'verify', ...listOf(good), '--scratch', verifying.scratch];
  const quorum = asQuorum(kma.folder, QUORUM);
  // Its first step in the directory makes the sandbox, the second would remove it.
  const environment = { KILL_AT: '2', KILL_FOLDER: verifying.scratch, NODE_OPTIONS: `--import=${KILLER}` };
  const killed = await programFed('', environment, KMA_PROGRAM, ...words, ...quorum);
  assert.equal(killed.status, null, killed.stderr);
  const [left = '', ...more] = verifying.left;
  assert.deepEqual(more, []);
  assert.match(left, /^openkma-verify-[0-9a-f]{32}$/);
  assert.equal(statSync(join(verifying.scratch, left)).mode & 0o777, 0o700);
  assert.ok(readdirSync(join(verifying.scratch, left)).includes('backup.db'));
  const next = await programFed('', {}, KMA_PROGRAM, ...words, ...quorum);
  assert.equal(next.status, 0, next.stderr);
  assert.ok(next.stderr.includes(`removed ${join(verifying.scratch, left)}, which a killed run had left`));
  assert.deepEqual(verifying.left, []);
});
