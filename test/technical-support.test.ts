/** Technical support at a whole KMA, as people use it: enabled by a Security Officer, used with a real ssh client, ended by an Operator; and what the audit says of it. As root. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { accepts } from './support/accepts.ts';
import { freePort } from './support/free-port.ts';
import { AUDITOR, COMPLIANCE, OFFICER, OPERATOR, TestKma } from './support/kma.ts';
import { KmaShell } from './support/kma-shell.ts';
import { ENTER, PseudoTerminal } from './support/pseudo-terminal.ts';
import { SshClient } from './support/ssh-client.ts';
import { until } from './support/until.ts';

interface Support {
  readonly technicalSupport: string;
  readonly primaryAdministrator: boolean;
  readonly expiresAt: string;
  readonly password: boolean;
  readonly keys: readonly string[];
  readonly state: string;
  readonly hostKeys: readonly string[];
  readonly sessions: readonly string[];
}

const PASSWORD = 'Tall-Ships-7-sail';
const port = await freePort();
const kma = await TestKma.start({ platformPorts: { ssh: port } });
after(() => kma[Symbol.asyncDispose]());
const client = new SshClient(kma.host, port);
after(() => client[Symbol.dispose]());
const shell = new KmaShell(kma.data, kma.folder);

const show = () => kma.ask<Support>('ShowTechnicalSupport', {}, AUDITOR);
const records = async (condition: string) =>
  (
    await kma.rows<{ condition: string; message: string; entityId: string }>(
      'ListAuditEvents',
      { limit: 1000 },
      AUDITOR,
    )
  ).filter((record) => record.condition === condition);
const open = () => until('the port is open', async () => (await show()).state.includes(`port ${port} until`));

test('it is off: the port is closed, and there is nothing to end', async () => {
  assert.equal((await show()).technicalSupport, 'off');
  assert.equal(await accepts(kma.host, port), false);
  const refused = await kma.answer('EnablePrimaryAdministrator', {}, OFFICER);
  assert.deepEqual(refused, { refused: 'SUPPORT_NOT_ENABLED' });
});

test('a password that does not keep the rules is refused with the rule, and nothing is opened', async () => {
  for (const [password, rule] of [
    ['Tall-Ships-7', 'at least 15 characters'],
    ['tall-ships-7-sail', 'must have an upper-case letter'],
    [`At-${'kma-test'}-we-sail-9-X`, 'must not contain the name of the account or of the KMA'],
  ]) {
    const refused = await kma.answer('EnableTechnicalSupport', { password }, OFFICER);
    assert.deepEqual(refused, { refused: 'SUPPORT_PASSWORD_WEAK', detail: rule });
  }
  assert.equal((await show()).technicalSupport, 'off');
});

test('only a Security Officer enables it', async () => {
  for (const user of [OPERATOR, COMPLIANCE, AUDITOR]) {
    const answer = await kma.answer('EnableTechnicalSupport', { password: PASSWORD }, user);
    assert.ok('refused' in answer && answer.refused === 'ACCESS_DENIED', JSON.stringify(answer));
  }
});

test('enabled at a terminal with a password that is typed unseen, it shows its host keys and opens for seven days', async () => {
  await using terminal = new PseudoTerminal(
    [process.execPath, 'src/cli/kma.ts', '--data', kma.data, 'support', 'enable', '--user', OFFICER.name],
    120,
  );
  await terminal.answer(/passphrase of officer: /, `${OFFICER.passphrase}${ENTER}`);
  await terminal.answer(/new password of the support account.*: /, `${PASSWORD}${ENTER}`);
  await terminal.answer(/the same again: /, `${PASSWORD}${ENTER}`);
  const shown = await terminal.shows(/RSA SHA256:[A-Za-z0-9+/]{43}/);
  assert.equal(await terminal.ended(), 0);
  assert.ok(!terminal.raw.includes(PASSWORD));
  await open();
  const { technicalSupport, hostKeys, expiresAt, password } = await show();
  assert.deepEqual([technicalSupport, password], ['enabled', true]);
  for (const key of hostKeys) assert.ok(shown.includes(key));
  assert.ok(Math.abs(Date.parse(expiresAt) - Date.now() - 7 * 86_400_000) < 600_000);
});

test('the table of ports has it, held by sshd', async () => {
  const [row] = (
    await kma.rows<{ name: string; state: string; heldBy: readonly string[]; wrong: string }>(
      'ListPorts',
      { limit: 100 },
      AUDITOR,
    )
  ).filter(({ name }) => name === 'ssh');
  assert.deepEqual([row?.state, row?.wrong], ['listening', '']);
  assert.match(row?.heldBy.join() ?? '', /sshd/);
});

test('one logs in, sees the KMA, and is in the audit: session, commands, failures, no secret', async () => {
  const { status, stdout, stderr } = await client.ssh(PASSWORD, 'status\nprocesses\nmessages\ndisk\nexit\n');
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^KMA {9}kma-test, OpenKMA/);
  assert.match(stdout, /^support {5}support shell on 127\.0\.0\.1 port \d+ until 20/m);
  assert.match(stdout, /sshd/);
  assert.equal((await client.ssh('Wrong-Ships-7-sail', '')).status, 255);
  const [begun] = await until('the session', async () => {
    const found = await records('Support session begun');
    return found.length > 0 && found;
  });
  assert.match(begun?.message ?? '', /^part=support from=127\.0\.0\.1:\d+ by=password$/);
  const commands = await until('its commands', async () => {
    const found = await records('Support command');
    return found.length >= 5 && found;
  });
  assert.equal(commands.length, 5);
  assert.ok(commands.some(({ message }) => message.endsWith('line="messages"')));
  const everything = JSON.stringify(await kma.rows('ListAuditEvents', { limit: 1000 }, AUDITOR));
  for (const secret of [PASSWORD, '$7$', client.publicKey.split(' ')[1] ?? ''])
    assert.ok(!everything.includes(secret));
});

test('nothing of it is readable by others in the data directory, and the start finds nothing loose', () => {
  const directory = join(kma.data, 'platform/support');
  assert.equal(statSync(directory).mode & 0o777, 0o700);
  assert.equal(statSync(join(directory, 'etc/shadow')).mode & 0o777, 0o600);
  assert.ok(!readFileSync('/etc/passwd', 'utf8').includes('okmsupport'));
});

test('neither the system dump nor the metrics have what opens it; the metrics say that it is open', async () => {
  const dump = JSON.stringify(await kma.ask('CreateSystemDump', {}, OPERATOR));
  assert.ok(!/\$7\$|PRIVATE KEY/.test(dump) && !dump.includes(PASSWORD));
  const metrics = JSON.stringify(await kma.ask('ShowMetrics', {}, AUDITOR));
  assert.match(metrics, /openkma_support_open.{0,200}"value":1/);
});

test('Primary Administrator makes it a shell of root; an Operator ends that, and the sessions with it', async () => {
  await kma.ask('EnablePrimaryAdministrator', {}, OFFICER);
  await until('the change', async () => (await show()).state.startsWith('primary administrator on'));
  const { status, stdout, stderr } = await client.ssh(
    PASSWORD,
    '',
    'id -u; pwd; cat /etc/hostname >/dev/null && echo read',
  );
  assert.equal(status, 0, stderr);
  assert.equal(stdout, '0\n/root\nread\n');
  await until('it is recorded', async () => (await records('Primary administrator command')).length === 1);
  const staying = client.ssh(PASSWORD, '', 'sleep 3600 & sleep 3600');
  await until('it is there', async () => (await show()).sessions.length === 1);
  await kma.ask('DisablePrimaryAdministrator', {}, OPERATOR);
  assert.equal((await staying).status, 255);
  await until('the change', async () => (await show()).state.startsWith('support shell on'));
  assert.match((await client.ssh(PASSWORD, '', 'id -u')).stdout, /^No such command/);
});

test('a platform process that is killed takes sshd and its sessions along, and both come back', async () => {
  const staying = client.ssh(PASSWORD, '', '-tt');
  await until('it is there', async () => (await show()).sessions.length === 1);
  const pid = kma.kma.pids().get('platform') ?? 0;
  process.kill(pid, 'SIGKILL');
  // 255 where the connection goes first, 1 where the program of the session sees the KMA go before that.
  assert.ok([1, 255].includes((await staying).status ?? 0));
  await until('another platform process', () => kma.kma.pids().get('platform') !== pid);
  await open();
  assert.equal((await client.ssh(PASSWORD, 'exit\n')).status, 0);
});

test('it comes back with the KMA, with the same host keys, as long as its term runs', async () => {
  const before = (await show()).hostKeys;
  await kma.stop();
  assert.equal(await accepts(kma.host, port), false);
  await kma.resume();
  await open();
  assert.deepEqual((await show()).hostKeys, before);
  const { hostKeys } = await shell.json<Support>('support new-host-keys', { user: OFFICER });
  await until(
    'the new ones',
    async () => JSON.stringify((await show()).hostKeys) === JSON.stringify(hostKeys),
  );
  assert.notDeepEqual(hostKeys, before);
});

test('enabled for a key alone, the password is gone', async () => {
  await kma.ask(
    'EnableTechnicalSupportForKeys',
    { authorizedKeys: [client.publicKey], maximumAgeDays: 1 },
    OFFICER,
  );
  await until('the key opens it', async () => (await client.ssh('key', '', 'time')).status === 0);
  assert.deepEqual((await show()).keys, ['ssh-ed25519 ann']);
  assert.match((await client.ssh(PASSWORD, '', 'time')).stderr, /Permission denied \(publickey\)/);
});

test('an Operator disables it: the session ends, the port is closed, no hash and no key is left', async () => {
  const staying = client.ssh('key', '', '-tt');
  await until('it is there', async () => (await show()).sessions.length === 1);
  await shell.json<Support>('support disable', { user: OPERATOR });
  assert.equal((await staying).status, 255);
  await until('the port is closed', async () => !(await accepts(kma.host, port)));
  assert.match((await client.ssh('key', '', 'time')).stderr, /Connection refused/);
  assert.ok(!existsSync(join(kma.data, 'platform/support/etc')));
  const { technicalSupport, keys, state } = await show();
  assert.deepEqual([technicalSupport, keys, state], ['off', [], 'off']);
  const changes = await Promise.all(['Technical support enabled', 'Technical support disabled'].map(records));
  assert.deepEqual(
    changes.map(({ length }) => length),
    [2, 1],
  );
});
