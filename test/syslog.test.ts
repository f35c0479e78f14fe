/** A running KMA and real syslog servers: its audit arrives as it was written, over TCP and mutual TLS, whatever happens to the server or to the platform process, and agents never notice. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, test } from 'node:test';
import { AUDITOR, OFFICER, OPERATOR, QUORUM, TestKma } from './support/kma.ts';
import { kmaCommand } from './support/kma-command.ts';
import { whileRead } from './support/long-reader.ts';
import { logIn, ManagerConnection, newManagerKey } from './support/manager.ts';
import { OddReceiver } from './support/odd-receiver.ts';
import { type Received, Rsyslogd } from './support/rsyslogd.ts';
import { SmallDisk } from './support/small-disk.ts';
import { TestAuthority } from './support/test-authority.ts';
import { until } from './support/until.ts';

const kma = await TestKma.start();
after(() => kma[Symbol.asyncDispose]());
const folder = (name: string) => join(kma.folder, name);
const authority = new TestAuthority(folder('ca'));
const client = authority.issue('kma-test', ['DNS:kma-test']);
const agent = await kma.agent('drive-1');
const { keyId } = await agent.createKey();

interface Shown {
  readonly server: string;
  readonly state: string;
  readonly trouble: string;
  readonly waiting: number;
  readonly sent: number;
}
interface Event {
  readonly row: number;
  readonly id: string;
  readonly operation: string;
  readonly condition: string;
  readonly message: string;
}
const AUDIT_ELEMENT = 'audit@32473';
const fieldsOf = ({ fields }: Received) => fields?.[AUDIT_ELEMENT] ?? {};
const rowsOf = (server: Rsyslogd) => server.received().map((message) => Number(fieldsOf(message)['row']));
const create = (input: object) => kma.ask('CreateSyslogServer', input, OFFICER);
const remove = (server: string) => kma.ask('DeleteSyslogServer', { server }, OFFICER);
const shown = (server: string) => kma.ask<Shown>('ShowSyslogServer', { server }, OFFICER);
interface Status {
  readonly warnings: readonly string[];
  readonly platform: readonly { readonly part: string; readonly summary: string }[];
}
/** As the status says it, which asks for no passphrase. */
const untilServersAre = (summary: string) =>
  until(
    `servers are ${summary}`,
    async () => {
      const { platform } = await kma.ask<Status>('ShowStatus', {});
      return platform.some((line) => line.part === 'syslog' && line.summary === summary);
    },
    60_000,
  );
const newestRow = async () => (await kma.rows<Event>('ListAuditEvents', { limit: 1 }, AUDITOR))[0]?.row ?? 0;
/** Whether the server has every record from the first it got up to one that is there now. */
async function untilComplete(server: Rsyslogd): Promise<void> {
  const newest = await newestRow();
  await until(`record ${newest} arrives`, () => (rowsOf(server).at(-1) ?? 0) >= newest, 60_000);
}
function assertInOrder(server: Rsyslogd): void {
  const rows = rowsOf(server);
  const [first = 0] = rows;
  assert.deepEqual(
    rows,
    rows.map((_, i) => first + i),
  );
}
/** As a server may see it whose connection broke: some records a second time, each of them for the first time in its order. */
function assertNoneLost(server: Rsyslogd): void {
  const rows = [...new Set(rowsOf(server))];
  const [first = 0] = rows;
  assert.deepEqual(
    rows,
    rows.map((_, i) => first + i),
  );
}
async function work(calls: number): Promise<void> {
  for (let i = 0; i < calls; i++) await agent.retrieveKey(keyId);
}

/** A test that fails leaves none to the next. */
afterEach(async () => {
  for (const { server } of await kma.rows<Shown>('ListSyslogServers', {}, OFFICER)) await remove(server);
});

test('over TCP and mutual TLS everything arrives that the audit has, word for word', async () => {
  const server = authority.issue('localhost', ['IP:127.0.0.1']);
  await using plain = await Rsyslogd.start(folder('plain'));
  await using secure = await Rsyslogd.start(folder('secure'), { authority, server, client: 'kma-test' });
  await create({ server: 'plain', address: '127.0.0.1', port: plain.port, transport: 'tcp' });
  await create({
    ...{ server: 'secure', address: '127.0.0.1', port: secure.port, caCertificate: authority.pem },
    ...{ clientCertificate: client.certificatePem, clientKey: client.keyPem },
  });
  await untilServersAre('2 connected');
  await work(100);
  await assert.rejects(kma.ask('CreateSite', { site: 'x' }, OPERATOR));
  for (const one of [plain, secure]) {
    await untilComplete(one);
    assertInOrder(one);
    for (const message of one.received().slice(-5)) {
      const fields = fieldsOf(message);
      const event = await kma.ask<Event & Record<string, unknown>>(
        'ShowAuditEvent',
        { id: fields['id'] },
        AUDITOR,
      );
      for (const name of ['operation', 'severity', 'condition', 'entityId', 'class', 'term', 'solution'])
        assert.equal(fields[name], event[name], `${name} of ${event.row}`);
      assert.ok(message.msg.endsWith(event.message));
    }
  }
  const denied = plain.received().find((message) => fieldsOf(message)['class'] === 'Security Violation');
  assert.deepEqual([denied?.severity, denied?.msgid], ['err', 'CreateSite']);
  await remove('plain');
  await remove('secure');
});

test('with the server down agents are served; when it is back it gets all, in order, and the audit tells of it', async () => {
  await using server = await Rsyslogd.start(folder('down'));
  await create({ server: 'down', address: '127.0.0.1', port: server.port, transport: 'tcp' });
  await untilServersAre('1 connected');
  await server.stop();
  await untilServersAre('1 down');
  await work(200);
  const { warnings } = await kma.ask<Status>('ShowStatus', {});
  assert.match(warnings.join('\n'), /syslog server down gets nothing, \d+ records wait/);
  const filter = ['condition=Receiver unreachable'];
  const told = await until('the audit tells of it', async () => {
    return (await kma.rows<Event>('ListAuditEvents', { filter }, AUDITOR))[0];
  });
  await server.resume();
  await untilServersAre('1 connected');
  await untilComplete(server);
  assertNoneLost(server);
  assert.match(told.message, /receiver="syslog server down" why=".*ECONNREFUSED/);
  await remove('down');
});

test('a platform process that is killed loses no record', async () => {
  await using server = await Rsyslogd.start(folder('killed'));
  await create({ server: 'killed', address: '127.0.0.1', port: server.port, transport: 'tcp' });
  await untilServersAre('1 connected');
  await work(50);
  await untilComplete(server);
  const pid = kma.kma.pids().get('platform') ?? 0;
  process.kill(pid, 'SIGKILL');
  await work(50);
  await until('another one is there', () => ![undefined, pid].includes(kma.kma.pids().get('platform')));
  await work(50);
  await untilComplete(server);
  assertNoneLost(server);
  await remove('killed');
});

test('a locked KMA, whose core is another one, sends on', async () => {
  await using server = await Rsyslogd.start(folder('locked'));
  await create({ server: 'locked', address: '127.0.0.1', port: server.port, transport: 'tcp' });
  await untilServersAre('1 connected');
  const core = kma.kma.pids().get('core');
  await kma.ask('LockKma', {}, OFFICER);
  await until('another core is there', () => ![undefined, core].includes(kma.kma.pids().get('core')));
  await untilServersAre('1 connected');
  await kma.ask('UnlockKma', {}, OFFICER, QUORUM);
  await work(10);
  await untilComplete(server);
  assertInOrder(server);
  const operations = server.received().map(({ msgid }) => msgid);
  assert.ok(operations.includes('LockKma') && operations.includes('UnlockKma'));
  await remove('locked');
});

test('a server that never reads, and one that talks, cost agents nothing and are told of', async () => {
  await using silent = await OddReceiver.start(() => undefined);
  await using talker = await OddReceiver.start((socket) => void socket.write(Buffer.alloc(1024 * 1024, 'x')));
  await create({ server: 'silent', address: '127.0.0.1', port: silent.port, transport: 'tcp' });
  await create({ server: 'talker', address: '127.0.0.1', port: talker.port, transport: 'tcp' });
  await until('it is cut', async () => /the server talks/.test((await shown('talker')).trouble));
  await work(100);
  assert.equal((await agent.retrieveKey(keyId)).keyId, keyId);
  await remove('silent');
  await remove('talker');
});

test('without space for the places of servers agents are served, records arrive, and the audit tells of it', async () => {
  const disk = SmallDisk.mount(1);
  assert.ok(disk instanceof SmallDisk, String(disk));
  const places = join(kma.data, 'platform/syslog');
  try {
    mkdirSync(places, { recursive: true, mode: 0o700 });
    disk.fill();
    execFileSync('mount', ['--bind', disk.path, places]);
    await using server = await Rsyslogd.start(folder('full'));
    await create({ server: 'full', address: '127.0.0.1', port: server.port, transport: 'tcp' });
    await untilServersAre('1 connected');
    await work(20);
    await untilComplete(server);
    assertInOrder(server);
    const filter = ['condition=Place of a receiver not kept'];
    const [told] = await kma.rows<Event>('ListAuditEvents', { filter }, AUDITOR);
    assert.match(told?.message ?? '', /receiver="syslog server full" why=ENOSPC$/);
    await remove('full');
  } finally {
    spawnSync('umount', ['-l', places]);
    disk.unmount();
  }
});

test('the loaded key is in no answer, list, dump, log or kept answer, and gone from the store with its server', async () => {
  const secret = client.keyPem.split('\n')[1] ?? '';
  assert.ok(secret.length > 40);
  const key = await newManagerKey();
  await logIn(kma, OFFICER, key);
  const connection = ManagerConnection.of(kma, key);
  const body = {
    ...{ server: 'keyed', address: '127.0.0.1', port: 9, caCertificate: authority.pem },
    ...{ clientCertificate: client.certificatePem, clientKey: client.keyPem },
  };
  const made = await connection.send('POST', '/v1/syslog-servers', {
    body,
    headers: { 'Idempotency-Key': 'keyed-server-1' },
  });
  assert.equal(made.status, 201, made.text);
  const answers = [made.text];
  for (const path of [
    '/v1/syslog-servers',
    '/v1/syslog-servers/keyed',
    '/v1/system-dump',
    '/v1/audit-events',
    '/v1/system-messages',
  ])
    answers.push((await connection.send('GET', path)).text);
  answers.push(
    (await connection.send('PATCH', '/v1/syslog-servers/keyed', { body: { clientKey: client.keyPem } })).text,
  );
  connection.close();
  assert.ok(![...answers, ...kma.lines].some((text) => text.includes(secret)));
  // Files that come and go hold places of servers alone.
  const holding = () =>
    readdirSync(kma.data)
      .filter((file) => file.startsWith('kma.db'))
      .filter((file) => readFileSync(join(kma.data, file)).includes(secret));
  // A list or a backup under way may still read it.
  await whileRead(kma.data, async () => {
    await remove('keyed');
    assert.notEqual(holding().length, 0);
  });
  await until('no file of the store has it', () => holding().length === 0);
});

test('the command line loads certificates and a key from files, and shows how the server fares', async () => {
  const path = (name: string, text: string) => {
    mkdirSync(folder('files'), { recursive: true });
    writeFileSync(folder(`files/${name}`), text, { mode: 0o600 });
    return folder(`files/${name}`);
  };
  const who = [
    '--data',
    kma.data,
    '--user',
    OFFICER.name,
    '--user-passphrase-file',
    path('officer', OFFICER.passphrase),
  ];
  const pem = [
    '--ca-certificate-file',
    path('ca', authority.pem),
    '--client-certificate-file',
    path('client', client.certificatePem),
  ];
  const made = await kmaCommand(
    ...['syslog', 'create', 'files', '--address', '127.0.0.1', '--port', '9'],
    ...[...pem, '--client-key-file', path('key', client.keyPem), ...who],
  );
  assert.equal(made.status, 0, made.stderr);
  const list = await kmaCommand('syslog', 'list', '--json', ...who);
  assert.match(list.stdout, /"server": ?"files".*"mutualTls": ?true/s);
  const wrong = await kmaCommand(
    'syslog',
    'modify',
    'files',
    '--client-key-file',
    folder('files/ca'),
    ...who,
  );
  assert.notEqual(wrong.status, 0);
  assert.equal((await kmaCommand('syslog', 'delete', 'files', ...who)).status, 0);
});
