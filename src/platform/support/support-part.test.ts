/** Technical support with a real sshd and OpenSSH's own client: who gets in, when it ends, and what the audit is told. As root. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { accepts } from '../../../test/support/accepts.ts';
import { SshClient } from '../../../test/support/ssh-client.ts';
import { DAY_MS, HOST, PASSWORD, SupportBench } from '../../../test/support/support-bench.ts';
import { until } from '../../../test/support/until.ts';

/** A session that stays until it is ended. */
function stay(client: SshClient, by = PASSWORD) {
  const child = spawn('ssh', [...client.options(by), client.target], { env: client.environment(by) });
  child.stdin.on('error', () => undefined);
  const ended = once(child, 'close');
  return { child, ended };
}

test('off unless it is enabled: nothing listens and no process runs', async () => {
  await using bench = await SupportBench.at();
  bench.give({});
  assert.equal(bench.part.state().summary, 'off');
  assert.equal(await accepts(HOST, bench.port), false);
  assert.equal(bench.part.state().details['pid'], null);
});

test('the password opens a support shell; disabling ends its session and closes the port', async () => {
  await using bench = await SupportBench.at();
  using client = new SshClient(HOST, bench.port);
  await bench.enable();
  const answered = await client.ssh(PASSWORD, 'versions\nexit\n');
  assert.equal(answered.status, 0, answered.stderr);
  assert.match(answered.stdout, /^OpenKMA {5}0\.1\.0\n/);
  assert.match(answered.stderr, /Technical support of the key manager "kma-1"/);

  const { ended } = stay(client);
  await until('the second session', () => bench.noted('Support session begun').length === 2);
  bench.give({});
  const [status] = await ended;
  assert.notEqual(status, 0);
  await bench.closed();
  assert.equal(await accepts(HOST, bench.port), false);
  const refused = await client.ssh(PASSWORD, 'status\n');
  assert.match(refused.stderr, /Connection refused/);
  assert.equal(bench.noted('Support session begun').length, 2);
  assert.match(
    bench.noted('Support session ended').at(-1)?.message ?? '',
    /^from=127\.0\.0\.1:\d+ seconds=\d+ why=disabled$/,
  );
});

test('no account is made on the machine, and no hash is left behind', async () => {
  await using bench = await SupportBench.at();
  const accounts = ['/etc/passwd', '/etc/shadow', '/etc/group'].map((path) => readFileSync(path, 'utf8'));
  await bench.enable();
  assert.deepEqual(
    ['/etc/passwd', '/etc/shadow', '/etc/group'].map((path) => readFileSync(path, 'utf8')),
    accounts,
  );
  bench.give({});
  await bench.closed();
  await until(
    'the files of the run are gone',
    () => !existsSync(join(bench.folder, 'data/platform/support/etc')),
  );
});

test('a wrong password, an unknown name and the accounts of the machine get nobody in; failures are one record', async () => {
  await using bench = await SupportBench.at();
  using client = new SshClient(HOST, bench.port);
  await bench.enable();
  for (const target of [
    client.target,
    `root@${HOST}`,
    `nobody-there@${HOST}`,
    `x from 6.6.6.6 port 1 ssh2@${HOST}`,
  ]) {
    const { status, stderr } = await client.run('ssh', 'Wrong-Ships-7-sail', '', target, 'status');
    assert.equal(status, 255);
    assert.match(stderr, /Permission denied/);
  }
  assert.deepEqual(bench.noted('Support log-in failed'), []);
  bench.aheadMs = 61_000;
  const [note] = await until(
    'the record',
    () => bench.noted('Support log-in failed').length > 0 && bench.noted('Support log-in failed'),
  );
  assert.match(note?.message ?? '', /^failures=4 of=127\.0\.0\.1\/password\*4$/);
  assert.equal(note?.class, 'Security Violation');
  assert.deepEqual(bench.noted('Support session begun'), []);
});

test('four wrong passwords, and the connection is cut', async () => {
  await using bench = await SupportBench.at();
  using client = new SshClient(HOST, bench.port);
  await bench.enable();
  client.prompts = 9;
  const { stderr } = await client.ssh('Wrong-Ships-7-sail', '');
  assert.match(stderr, /Too many authentication failures/);
  bench.aheadMs = 61_000;
  await until('the record', () => bench.noted('Support log-in failed').length > 0);
  assert.match(
    bench.noted('Support log-in failed')[0]?.message ?? '',
    /^failures=4 of=127\.0\.0\.1\/password\*4$/,
  );
});

test('who does not log in is cut off, and the place is free again', async () => {
  await using bench = await SupportBench.at({ logInSeconds: 1 });
  await bench.enable();
  const socket = connect(bench.port, HOST);
  socket.resume();
  await once(socket, 'close');
});

test('a key opens it as well, another key does not, and without a password none is asked for', async () => {
  await using bench = await SupportBench.at();
  using client = new SshClient(HOST, bench.port);
  using other = new SshClient(HOST, bench.port);
  await bench.enable({ passwordHash: null, authorizedKeys: [client.publicKey] });
  const answered = await client.ssh('key', '', 'time');
  assert.equal(answered.status, 0, answered.stderr);
  assert.match(answered.stdout, /^KMA {9}20/);
  assert.match(bench.noted('Support session begun')[0]?.message ?? '', /by=publickey key=ED25519:SHA256:/);
  assert.equal((await other.ssh('key', '', 'time')).status, 255);
  const asked = await client.ssh(PASSWORD, '', 'time');
  assert.match(asked.stderr, /Permission denied \(publickey\)/);
});

test('a session in which nothing happens is cut', async () => {
  await using bench = await SupportBench.at({ idleSeconds: 2 });
  using client = new SshClient(HOST, bench.port);
  await bench.enable();
  const { ended } = stay(client);
  await until('it has begun', () => bench.sessions === 1);
  const [status] = await ended;
  assert.notEqual(status, 0);
  await until('its end is noted', () => bench.noted('Support session ended').length === 1);
});

test('at the end of its term sessions end and the port is closed; the day before and then are told once', async () => {
  await using bench = await SupportBench.at();
  using client = new SshClient(HOST, bench.port);
  await bench.enable();
  bench.aheadMs = 6 * DAY_MS + 1_000;
  await until('the day before', () => bench.noted('Technical support expires soon').length === 1);
  assert.match(bench.part.state().summary, /which is soon/);
  const { ended } = stay(client);
  await until('a session', () => bench.sessions === 1);
  bench.aheadMs = 7 * DAY_MS + 1_000;
  await ended;
  await bench.closed();
  assert.match(bench.part.state().summary, /^expired /);
  assert.match((await client.ssh(PASSWORD, 'status\n')).stderr, /Connection refused/);
  await bench.part.stop();
  const again = bench.another();
  await using _ = again;
  again.aheadMs = 7 * DAY_MS + 1_000;
  again.give(bench.given);
  assert.match(again.part.state().summary, /^expired /);
  assert.deepEqual(
    [bench, again].map(
      ({ notes }) => notes.filter(({ condition }) => condition.startsWith('Technical')).length,
    ),
    [2, 0],
  );
});

test('host keys stay over restarts, are shown as a client sees them, and can be made anew', async () => {
  await using bench = await SupportBench.at();
  const made = hostKeysOf(await bench.part.ask({ ask: 'make-host-keys' }));
  await bench.enable({ hostKeys: made.hostKeys });
  assert.deepEqual(scanned(bench.port), made.fingerprints);
  assert.deepEqual(bench.part.state().details['fingerprints'], made.fingerprints);
  await bench.part.stop();
  await using again = bench.another();
  await again.enable({ hostKeys: made.hostKeys });
  assert.deepEqual(scanned(bench.port), made.fingerprints);
  const anew = hostKeysOf(await again.part.ask({ ask: 'make-host-keys' }));
  await again.enable({ hostKeys: anew.hostKeys });
  await until(
    'the new ones',
    () => JSON.stringify(scanned(bench.port)) === JSON.stringify(anew.fingerprints),
  );
  assert.notDeepEqual(anew.fingerprints, made.fingerprints);
});

interface Shown {
  readonly hostKeys: string;
  readonly fingerprints: readonly { readonly type: string; readonly sha256: string }[];
}
const hostKeysOf = (answer: unknown) => answer as Shown;

/** As a client sees them at its first connection. */
function scanned(port: number): Shown['fingerprints'] {
  const keys = execFileSync('ssh-keyscan', ['-p', String(port), '-t', 'ed25519,rsa', HOST], {
    stdio: 'pipe',
  });
  const shown = execFileSync('ssh-keygen', ['-lf', '-'], { input: keys }).toString();
  const rows = [...shown.matchAll(/(SHA256:\S+) .*\((ED25519|RSA)\)/g)];
  return rows
    .map(([, sha256 = '', type = '']) => ({ type, sha256 }))
    .sort((a, b) => (a.type < b.type ? -1 : 1));
}

test('a port that is taken is told as trouble, and had once it is free', async () => {
  await using bench = await SupportBench.at();
  const holder = createServer().listen(bench.port, HOST);
  await once(holder, 'listening');
  const enabling = bench.enable();
  await until('the trouble', () =>
    /Address already in use|Cannot bind/.test(bench.part.state().troubles[0] ?? ''),
  );
  holder.close();
  await enabling;
  assert.deepEqual(bench.part.state().troubles, []);
  assert.equal(bench.noted('Technical support not available').length, 1);
});

test('an sshd that dies is started again, and its sessions are told as ended', async () => {
  await using bench = await SupportBench.at();
  using client = new SshClient(HOST, bench.port);
  await bench.enable();
  const { ended } = stay(client);
  await until('a session', () => bench.sessions === 1);
  const pid = Number(bench.part.state().details['pid']);
  process.kill(pid, 'SIGKILL');
  await ended;
  await until(
    'another one',
    () => bench.part.state().details['pid'] !== pid && bench.part.state().details['listening'] !== null,
  );
  assert.equal(bench.noted('Support session ended').length, 1);
  assert.equal((await client.ssh(PASSWORD, 'exit\n')).status, 0);
});

test('what lies in the place of its files keeps it from nothing, and what a process before left is ended', async () => {
  await using bench = await SupportBench.at();
  const directory = join(bench.folder, 'data/platform/support');
  mkdirSync(join(directory, 'sshd.pid/in'), { recursive: true });
  await bench.enable();
  bench.give({});
  await bench.closed();
  const left = spawn('/bin/sh', ['-c', 'read _', 'sh', join(directory, 'etc')]);
  const ended = once(left, 'close');
  const other = spawn('sleep', ['600']);
  await bench.part.stop();
  writeFileSync(join(directory, 'sshd.pid'), `${left.pid}\n`);
  await using again = bench.another();
  await ended;
  await again.part.stop();
  writeFileSync(join(directory, 'sshd.pid'), `${other.pid}\n`);
  await using third = bench.another();
  assert.equal(third.part.state().summary, 'off');
  assert.ok(existsSync(`/proc/${other.pid}`), 'a process of others that has the number now goes on');
  other.kill();
});
