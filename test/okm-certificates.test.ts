/** Saved certificates with okm: made and written here as PEM or PKCS#12, used by scripts without a log-in, readable by openssl. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { OFFICER, QUORUM, TestKma } from './support/kma.ts';
import { asQuorum, asUser } from './support/kma-command.ts';
import { OkmShell } from './support/okm-shell.ts';
import { ServedKma } from './support/served-kma.ts';

let kma: TestKma;
let served: ServedKma;
/** Somebody is logged in here. */
let okm: OkmShell;
/** Nobody is, and there is no profile. */
let script: OkmShell;
let place: string[];
let caKey: string;

before(async () => {
  kma = await TestKma.start({ bare: true });
  const ca = await kma.ask<{ publicKeySha256: string; certificatePem: string }>('ShowRootCa', {}, OFFICER);
  caKey = ca.publicKeySha256;
  await kma.stop();
  served = await ServedKma.start(kma);
  const at = ['--kma', '127.0.0.1', '--port-offset', String(served.portOffset)];
  place = [...at, '--cacert', file('ca.pem', ca.certificatePem)];
  okm = new OkmShell(kma.folder);
  script = new OkmShell(kma.folder);
  await okm.text('profile', 'create', 'berlin', ...at, '--ca-key', caKey);
  await okm.text('login', OFFICER.name, ...asUser(kma.folder, OFFICER).slice(2));
});
after(async () => {
  await served[Symbol.asyncDispose]();
  await kma[Symbol.asyncDispose]();
});

const path = (name: string) => join(kma.folder, name);
const file = (name: string, content: string) => {
  writeFileSync(path(name), content, { mode: 0o600 });
  return path(name);
};
const save = (name: string, ...options: string[]) =>
  okm.json<{ key: string; user: string; purpose: string }>(
    'certificate',
    'save',
    '--out',
    path(name),
    ...options,
  );
const openssl = (...words: string[]) => execFileSync('openssl', words, { encoding: 'utf8', stdio: 'pipe' });

test('a script needs the root CA and the saved file, and nothing else', async () => {
  const { key, user } = await save('officer.pem', '--days', '30', '--description', 'nightly');
  assert.equal(user, OFFICER.name);
  assert.equal(statSync(path('officer.pem')).mode & 0o777, 0o600);
  const me = await script.json<{ user: string; key: string }>(
    'whoami',
    ...place,
    '--usercert',
    path('officer.pem'),
  );
  assert.deepEqual([me.user, me.key], [OFFICER.name, key]);
  const listed = await script.text('listdus', ...place, '--usercert', path('officer.pem'));
  assert.equal(listed.includes('error'), false);
  const rows = await okm.rows<{ key: string; description: string }>('certificate', 'list');
  assert.equal(rows.find((row) => row.key === key)?.description, 'nightly');
});

test('openssl opens the PKCS#12 file with its passphrase, and okm asks with it', async () => {
  const passphrase = file('p12.txt', 'Opens the file 1\n');
  await save('officer.p12', '--pkcs12', '--passphrase-file', passphrase);
  const given = ['-passin', `file:${passphrase}`];
  const shown = openssl('pkcs12', '-in', path('officer.p12'), ...given, '-nodes');
  assert.match(shown, /BEGIN PRIVATE KEY/);
  assert.equal(shown.match(/BEGIN CERTIFICATE/g)?.length, 2);
  assert.match(shown, /CN *= *officer/);
  const info = openssl('pkcs12', '-in', path('officer.p12'), ...given, '-info', '-noout');
  assert.doesNotMatch(info, /RC2|3DES|DES-/i);
  const use = ['whoami', ...place, '--usercert', path('officer.p12'), '--usercert-passphrase-file'];
  assert.equal((await script.json<{ user: string }>(...use, passphrase)).user, OFFICER.name);
  const wrong = await script.run(...use, file('wrong.txt', 'Another one 1\n'));
  assert.equal(wrong.status, 2, wrong.stderr);
  assert.match(wrong.stderr, /passphrase/);
});

test('a profile made with a certificate needs no log-in', async () => {
  await save('profile.pem');
  const [, address = '', , offset = ''] = place;
  const at = ['--kma', address, '--port-offset', offset, '--ca-key', caKey];
  await script.text('profile', 'create', 'scripts', ...at, '--usercert', path('profile.pem'));
  assert.equal((await script.json<{ user: string }>('whoami')).user, OFFICER.name);
  const [profile] = await script.json<{ usercert: string }[]>('profile', 'list');
  assert.equal(profile?.usercert, path('profile.pem'));
});

test('a file that is there stays, and nothing is signed for it', async () => {
  file('mine.pem', 'mine');
  const before = await okm.rows<object>('certificate', 'list', '--ended');
  const refused = await okm.run('certificate', 'save', '--out', path('mine.pem'));
  assert.equal(refused.status, 2, refused.stderr);
  assert.equal(readFileSync(path('mine.pem'), 'utf8'), 'mine');
  assert.equal((await okm.rows<object>('certificate', 'list', '--ended')).length, before.length);
});

test('a refusal leaves no file behind', async () => {
  const refused = await script.run(
    'certificate',
    'save',
    '--out',
    path('further.pem'),
    ...place,
    '--usercert',
    path('officer.pem'),
  );
  assert.equal(refused.status, 4, refused.stderr);
  assert.match(refused.stderr, /log in/i);
  assert.equal(existsSync(path('further.pem')), false);
});

test('credentials of a quorum need a log-in', async () => {
  const refused = await script.run(
    ...['unlock', ...place, '--usercert', path('officer.pem'), ...asQuorum(kma.folder, QUORUM)],
  );
  assert.equal(refused.status, 4, refused.stderr);
  assert.match(refused.stderr, /sealed for a log-in/);
});

test('a file that others can read is not used', async () => {
  await save('loose.pem');
  chmodSync(path('loose.pem'), 0o644);
  const refused = await script.run('whoami', ...place, '--usercert', path('loose.pem'));
  assert.equal(refused.status, 2, refused.stderr);
  assert.match(refused.stderr, /chmod/);
});

test('the KMAs there are can be asked for, by who is logged in and by scripts', async () => {
  const names = (rows: readonly { kma: string; responding: boolean }[]) =>
    rows.map(({ kma: name, responding }) => [name, responding]);
  const asked = await okm.json<{ kma: string; responding: boolean }[]>('kmas');
  assert.deepEqual(names(asked), [['kma-test', true]]);
  const use = ['--usercert', path('officer.p12'), '--usercert-passphrase-file', path('p12.txt')];
  assert.deepEqual(names(await script.json('kmas', ...place, ...use)), names(asked));
});

test('revoked, it is nobody', async () => {
  const { key } = await save('short.pem');
  await okm.text('certificate', 'revoke', key);
  const refused = await script.run('whoami', ...place, '--usercert', path('short.pem'));
  assert.equal(refused.status, 4, refused.stderr);
});
