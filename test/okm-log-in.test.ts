/** okm on another computer before it may ask anything: profiles, the pinned root CA, log-in; and what it refuses of a KMA that is not the right one. */
import assert from 'node:assert/strict';
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { OFFICER, TestKma } from './support/kma.ts';
import { asUser } from './support/kma-command.ts';
import { OkmShell } from './support/okm-shell.ts';
import { ServedKma } from './support/served-kma.ts';

let kma: TestKma;
let served: ServedKma;
let caKey: string;
let place: string[];
before(async () => {
  kma = await TestKma.start({ bare: true });
  caKey = (await kma.ask<{ publicKeySha256: string }>('ShowRootCa', {}, OFFICER)).publicKeySha256;
  await kma.stop();
  served = await ServedKma.start(kma);
  place = ['--kma', '127.0.0.1', '--port-offset', String(served.portOffset)];
});
after(async () => {
  await served[Symbol.asyncDispose]();
  await kma[Symbol.asyncDispose]();
});

const shell = () => new OkmShell(kma.folder);
const logIn = ['login', OFFICER.name];
const officerFile = () => asUser(kma.folder, OFFICER).slice(2);

test('a profile is made with the root CA that was expected, and with no other', async () => {
  const okm = shell();
  const made = await okm.json<object>('profile', 'create', 'berlin', ...place, '--ca-key', caKey);
  assert.deepEqual(made, {
    profile: 'berlin',
    address: '127.0.0.1',
    portOffset: served.portOffset,
    caKeySha256: caKey,
  });
  const wrong = await okm.run('profile', 'create', 'rome', ...place, '--ca-key', 'A'.repeat(64));
  assert.equal(wrong.status, 4);
  assert.match(wrong.stderr, /KMA_NOT_TRUSTED/);
  assert.match(await okm.text('profile', 'list'), /^PROFILE .*\nberlin +127\.0\.0\.1 /);
  assert.equal((await okm.run('profile', 'create', 'berlin', ...place, '--ca-key', caKey)).status, 2);
  await okm.text('profile', 'delete', 'berlin');
  assert.equal(await okm.text('profile', 'list'), '(none)\n');
});

test('without a terminal no root CA is taken on trust', async () => {
  const okm = shell();
  const refused = await okm.run('profile', 'create', 'berlin', ...place);
  assert.equal(refused.status, 2);
  assert.match(refused.stderr, new RegExp(`give --ca-key .*shows ${caKey}`));
  assert.equal(await okm.text('profile', 'list'), '(none)\n');
});

test('a log-in is kept in a file of its owner alone, and holds no passphrase', async () => {
  const okm = shell();
  await okm.text('profile', 'create', 'berlin', ...place, '--ca-key', caKey);
  const done = await okm.json<{ user: string; until: string }>(...logIn, ...officerFile());
  assert.equal(done.user, OFFICER.name);
  assert.ok(Date.parse(done.until) > Date.now());
  const folder = join(okm.home, 'openkma', 'berlin');
  for (const file of readdirSync(folder)) {
    assert.equal(statSync(join(folder, file)).mode & 0o777, 0o600, file);
    assert.ok(!readFileSync(join(folder, file), 'utf8').includes(OFFICER.passphrase), file);
  }
  assert.match(await okm.text('profile', 'list'), new RegExp(`berlin +.*${OFFICER.name}`));
});

test('a wrong passphrase, an unknown user and a KMA that is not there are told apart by their exit codes', async () => {
  const okm = shell();
  await okm.text('profile', 'create', 'berlin', ...place, '--ca-key', caKey);
  const wrong = await okm.fed('Not-the-passphrase-9\n', ...logIn, '--user-passphrase-file', '-');
  const nobody = await okm.fed('Not-the-passphrase-9\n', 'login', 'nobody', '--user-passphrase-file', '-');
  for (const { status, stderr } of [wrong, nobody]) {
    assert.equal(status, 4);
    assert.match(stderr, /^error: Authentication failed\n.*\n.*AUTHENTICATION_FAILED \(1002\)\n$/);
  }
  const away = await okm.run(...logIn, ...officerFile(), '--port-offset', '20000');
  assert.equal(away.status, 7);
  assert.match(away.stderr, /KMA_UNREACHABLE/);
});

test('a KMA of another cluster gets no proof of the passphrase', async () => {
  const okm = shell();
  await okm.text('profile', 'create', 'berlin', ...place, '--ca-key', caKey);
  const file = join(okm.home, 'openkma', 'berlin', 'profile.json');
  writeFileSync(file, readFileSync(file, 'utf8').replace(caKey, 'B'.repeat(64)));
  const refused = await okm.run(...logIn, ...officerFile());
  assert.equal(refused.status, 4);
  assert.match(refused.stderr, /KMA_NOT_TRUSTED/);
});

test('a profile that others may read, or that is damaged, is not used', async () => {
  const okm = shell();
  await okm.text('profile', 'create', 'berlin', ...place, '--ca-key', caKey);
  const file = join(okm.home, 'openkma', 'berlin', 'profile.json');
  chmodSync(file, 0o644);
  const open = await okm.run(...logIn, ...officerFile());
  assert.match(open.stderr, /PROFILE_INVALID/);
  chmodSync(file, 0o600);
  writeFileSync(file, '{"format":1}');
  const damaged = await okm.run(...logIn, ...officerFile());
  assert.match(damaged.stderr, /PROFILE_INVALID/);
});

test('which profile is meant must be clear, and nobody is logged in by himself', async () => {
  const okm = shell();
  assert.match((await okm.run('whoami')).stderr, /PROFILE_DOES_NOT_EXIST/);
  await okm.text('profile', 'create', 'berlin', ...place, '--ca-key', caKey);
  const nobody = await okm.run('whoami');
  assert.equal(nobody.status, 4);
  assert.match(nobody.stderr, /NOT_LOGGED_IN/);
  await okm.text('profile', 'create', 'rome', ...place, '--ca-key', caKey);
  assert.match((await okm.run('whoami')).stderr, /which one of berlin, rome: give --profile/);
  assert.match((await okm.run('whoami', '--profile', 'rome')).stderr, /NOT_LOGGED_IN/);
  assert.match((await okm.run('whoami', '--profile', '../x')).stderr, /no name of a profile/);
});
