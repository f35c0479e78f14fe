/** Restoring over the network: files sent by a temporary Security Officer to an empty KMA, opened by a quorum of the backup, and a KMA that starts anew as the restored one. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { KmaClient, loadProfile } from '@openkma/agent';
import { caKeyOf } from './support/ca-key.ts';
import { AUDITOR, BACKUP, OFFICER, type Person, QUORUM, TestKma } from './support/kma.ts';
import { asQuorum, asUser } from './support/kma-command.ts';
import { KmaShell } from './support/kma-shell.ts';
import { OkmShell } from './support/okm-shell.ts';
import { filesOf, type RestoreFiles } from './support/restoring.ts';
import { ServedKma } from './support/served-kma.ts';
import { until } from './support/until.ts';

const TEMPORARY: Person = { name: 'temporary', passphrase: 'Only-for-today-9' };
const HOLDERS = [{ name: 'passing', passphrase: 'Goes-away-soon-8' }];

let lost: TestKma;
let files: RestoreFiles;
let keyId: string;
let old: { caKey: string };
let fresh: TestKma;
let served: ServedKma;
let okm: OkmShell;

before(async () => {
  lost = await TestKma.start();
  const agent = await lost.agent('drive-1');
  ({ keyId } = await agent.createKey());
  agent.close();
  files = filesOf(await lost.backup());
  old = { caKey: await caKeyOf(lost) };
  await lost.stop();
  fresh = await TestKma.start({
    bare: true,
    answers: { threshold: 1, credentials: HOLDERS, securityOfficer: TEMPORARY },
  });
  const caKey = await caKeyOf(fresh, TEMPORARY);
  await fresh.stop();
  served = await ServedKma.start(fresh);
  okm = await loggedIn('new', caKey, TEMPORARY);
});
after(async () => {
  await served[Symbol.asyncDispose]();
  await fresh[Symbol.asyncDispose]();
  await lost[Symbol.asyncDispose]();
});

async function loggedIn(profile: string, caKey: string, person: Person): Promise<OkmShell> {
  const shell = new OkmShell(fresh.folder);
  const at = ['--kma', '127.0.0.1', '--port-offset', String(served.portOffset)];
  await shell.text('profile', 'create', profile, ...at, '--ca-key', caKey);
  await shell.text('login', person.name, ...asUser(fresh.folder, person).slice(2));
  return shell;
}

const restoreWords = (given: RestoreFiles, quorum: readonly Person[] = QUORUM) => [
  'restore',
  ...['--backup', given.backupFile],
  ...['--backup-key', given.backupKeyFile],
  ...['--core-security-backup', given.coreSecurityBackup],
  ...asQuorum(fresh.folder, quorum),
];
const restoring = () => existsSync(join(fresh.data, 'restored'));

test('a quorum of this KMA opens nothing of another, and too few of the right one do not either', async () => {
  for (const quorum of [HOLDERS, QUORUM.slice(0, 1)]) {
    const { status, stderr } = await okm.run(...restoreWords(files, quorum));
    assert.equal(status, 6, stderr);
    assert.match(stderr, /QUORUM_NOT_MET/);
  }
  assert.equal(restoring(), false);
});

test('an altered file is refused, and the KMA stays as it is', async () => {
  const backupFile = join(fresh.folder, 'altered.dat');
  const bytes = readFileSync(files.backupFile);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  writeFileSync(backupFile, bytes);
  const { stderr } = await okm.run(...restoreWords({ ...files, backupFile }));
  assert.match(stderr, /BACKUP_FILE_INVALID/);
  assert.equal(restoring(), false);
  assert.equal((await okm.json<{ user: string }>('whoami')).user, TEMPORARY.name);
});

test('restored by a core that is killed right after: the KMA comes back as the restored one, locked, with its users and its keys', async () => {
  const child = okm.start(...restoreWords(files), '--json');
  const ended = once(child, 'exit');
  let printed = '';
  child.stdout?.on('data', (text) => {
    printed += text;
  });
  await until('it says what was restored', () => printed.includes('caKeySha256'));
  // It was to say a moment later that it gives way.
  process.kill(served.childNamed('core'), 'SIGKILL');
  await until('it has started anew', () => served.stderr.includes('has taken the place'));
  assert.deepEqual(await ended, [0, null], 'okm waits until it serves again');
  const result = JSON.parse(printed) as { readonly caKeySha256: string };
  assert.equal(result.caKeySha256, old.caKey);
  const again = await okm.run('whoami');
  assert.notEqual(again.status, 0, 'the temporary log-in is over');
  const restored = await loggedIn('restored', result.caKeySha256, OFFICER);
  await restored.text('unlock', ...asQuorum(fresh.folder, QUORUM));
  const users = await restored.rows<{ user: string }>('user', 'list');
  assert.deepEqual(users.map(({ user }) => user).sort(), [
    AUDITOR.name,
    BACKUP.name,
    'compliance',
    OFFICER.name,
    'operator',
  ]);
  const agent = new KmaClient({ ...(await loadProfile(lost.profile('drive-1'))), ports: served.ports });
  assert.equal((await agent.retrieveKey(keyId)).keyId, keyId, 'an agent of before reads its key');
  agent.close();
  const left = readdirSync(fresh.data).filter((name) => /^(adopted|restor)/.test(name));
  assert.deepEqual(left, [], 'nothing of the exchange is left');
  const status = await new KmaShell(fresh.data, fresh.folder).text('status');
  assert.match(status, /running and unlocked/);
});

test('a KMA that is in use is not restored into', async () => {
  const officer = await loggedIn('used', old.caKey, OFFICER);
  const { status, stderr } = await officer.run(...restoreWords(files));
  assert.equal(status, 5, stderr);
  assert.match(stderr, /RESTORE_TARGET_NOT_EMPTY/);
});
