/** The platform process beside the key service: agents never notice whether it is there, and it tells only what it may. */
import assert from 'node:assert/strict';
import { readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { getPriority } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { FrameSocket } from '../src/processes/frame.ts';
import { AUDITOR, OFFICER, TestKma } from './support/kma.ts';
import { isAlive } from './support/served-kma.ts';
import { until } from './support/until.ts';

const kma = await TestKma.start();
after(() => kma[Symbol.asyncDispose]());
const agent = await kma.agent('drive-1');
const { keyId } = await agent.createKey();

interface Status {
  readonly platform: readonly { readonly part: string; readonly summary: string }[];
  readonly warnings: readonly string[];
}
interface Event {
  readonly operation: string;
  readonly condition: string;
  readonly message: string;
}

/** As `nice` counts; what runs the tests may have stepped back itself. */
const BEHIND = 5;
const pidOf = (name: string) => kma.kma.pids().get(name) ?? 0;
const statusOf = () => kma.ask<Status>('ShowStatus', {});
const stateOfNames = async () => (await statusOf()).platform.find(({ part }) => part === 'names')?.summary;
/** It is there only where something needs it. */
await kma.ask('SetDns', { servers: ['127.0.0.1'] }, OFFICER);
const untilThere = () => until('the platform process tells its state', stateOfNames);
const noted = (condition: string) =>
  kma.rows<Event>('ListAuditEvents', { filter: [`condition=${condition}`], limit: 100 }, AUDITOR);

/** Where the platform process is connected to: the directory of the sockets between processes. */
function socketPath(name: string): string {
  const lines = readFileSync('/proc/net/unix', 'utf8').split('\n');
  const path = lines
    .map((line) => line.split(' ').at(-1) ?? '')
    .filter((path) => path.endsWith(`/inner/${name}`));
  const own = path.filter((one) => holds(pidOf('core'), one, lines) || holds(pidOf('reader'), one, lines));
  const [first] = own;
  assert.ok(first !== undefined, `no socket ${name}`);
  return first;
}

function holds(pid: number, path: string, lines: readonly string[]): boolean {
  const inodes = lines.filter((line) => line.endsWith(` ${path}`)).map((line) => line.split(/\s+/)[6]);
  return Array.from({ length: 64 }, (_, fd) => linkOf(`/proc/${pid}/fd/${fd}`)).some((target) =>
    inodes.some((inode) => target === `socket:[${inode}]`),
  );
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

/** Says this to a socket of the KMA, and resolves with all that came back when the connection ends, so many have come, or nothing comes for long. */
function say(
  path: string,
  messages: readonly object[],
  answers = Number.POSITIVE_INFINITY,
): Promise<{ closed: boolean; heard: unknown[] }> {
  const heard: unknown[] = [];
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('error', reject);
    socket.once('connect', () => socket.off('error', reject));
    const frames = new FrameSocket(socket, {
      onMessage: (message) => {
        if (heard.push(message) >= answers) enough();
      },
      onClose: () => {
        clearTimeout(late);
        resolve({ closed: true, heard });
      },
    });
    const enough = () => {
      clearTimeout(late);
      resolve({ closed: false, heard });
      frames.end();
    };
    const late = setTimeout(enough, 30_000);
    for (const message of messages) frames.send(message);
  });
}

test('a KMA for which nothing is set has no such process; with the first setting it comes', async () => {
  await using plain = await TestKma.start({ bare: true });
  const status = await plain.ask<Status>('ShowStatus', {});
  assert.deepEqual([status.platform, plain.kma.pids().get('platform')], [[], undefined]);
  await plain.ask('SetDns', { servers: ['127.0.0.1'] }, OFFICER);
  await until('it comes', async () => (await plain.ask<Status>('ShowStatus', {})).platform.length > 0);
  const pid = plain.kma.pids().get('platform') ?? 0;
  await plain.kma.stop();
  assert.equal(isAlive(pid), false);
});

test('killed, it comes back by itself within two seconds, and agents are served meanwhile', async () => {
  await untilThere();
  const before = pidOf('platform');
  const startedMs = performance.now();
  process.kill(before, 'SIGKILL');
  let served = 0;
  await until('another one runs', async () => {
    await agent.retrieveKey(keyId);
    served += 1;
    return ![0, before].includes(pidOf('platform'));
  });
  assert.ok(served > 0);
  await untilThere();
  const backMs = performance.now() - startedMs;
  // Of a machine that is not much slower than any that a KMA runs on.
  assert.ok(backMs < 20_000, `${backMs} ms`);
});

test('agents come before it: it stands behind the core for the processor, and before it where memory runs out', async () => {
  await untilThere();
  const firstToGo = (name: string) => Number(readFileSync(`/proc/${pidOf(name)}/oom_score_adj`, 'utf8'));
  await until('it stands behind', () => getPriority(pidOf('platform')) >= BEHIND);
  await until('it would be the first to go', () => firstToGo('platform') > firstToGo('core'));
});

test('a replaced core and a replaced reader find it again', async () => {
  await untilThere();
  for (const name of ['core', 'reader']) {
    const before = pidOf(name);
    process.kill(before, 'SIGKILL');
    await until(`another ${name}`, () => ![0, before].includes(pidOf(name)));
  }
  await until('agents are served', () => agent.retrieveKey(keyId));
  await untilThere();
  assert.ok(pidOf('platform') > 0);
});

test('the core takes from it states and notes, and nothing that it does not know', async () => {
  await untilThere();
  const path = socketPath('platform.sock');
  const state = { summary: 'x', troubles: [], details: {} };
  const hostile: object[] = [
    { t: 'call', id: 1, operation: 'DestroyKeys', input: {} },
    { t: 'state', part: 'x', state: { ...state, summary: 'x'.repeat(5000) } },
    { t: 'state', part: 'x'.repeat(100), state },
    { t: 'note', part: 'x', note: { severity: 'fatal', condition: 'x', message: '' } },
    { t: 'note', part: 'x', note: { severity: 'error', condition: 'x', message: 'x'.repeat(5000) } },
    { t: 'refused', id: 1, code: 'NO_SUCH_CODE', detail: '' },
    { t: 'answered', id: -1, answer: null },
    {},
  ];
  for (const message of hostile) {
    const { closed, heard } = await say(path, [message]);
    assert.ok(closed, JSON.stringify(message).slice(0, 80));
    assert.deepEqual(
      heard.map((one) => (one as { t: string }).t),
      ['config'],
    );
  }
  await agent.retrieveKey(keyId);
  await untilThere();
});

test('whatever it floods the core with ends its connection, and agents are served', async () => {
  await untilThere();
  const state = { t: 'state', part: 'names', state: { summary: 'flood', troubles: [], details: {} } };
  const { closed } = await say(
    socketPath('platform.sock'),
    Array.from({ length: 5_000 }, () => state),
  );
  assert.ok(closed);
  await agent.retrieveKey(keyId);
});

test('a note is an audit record; a flood of notes is some of them', async () => {
  await untilThere();
  const note = (message: string) => ({
    t: 'note',
    part: 'names',
    note: { severity: 'warning', condition: 'Test of notes', message },
  });
  await say(
    socketPath('platform.sock'),
    Array.from({ length: 300 }, (_, i) => note(`number=${i}`)),
    1,
  );
  const written = await until('notes are recorded', async () => {
    const events = await noted('Test of notes');
    return events.length === 0 ? null : events;
  });
  assert.ok(written.length <= 100, `${written.length}`);
  assert.equal(written[0]?.operation, 'NotePlatformEvent');
  assert.match(written[0]?.message ?? '', /^part=names number=\d+$/);
});

test('the reader gives records of the audit there in order, bounded, and nothing else', async () => {
  await untilThere();
  await until('the reader serves', () => kma.ask('ListAuditEvents', { limit: 1 }, AUDITOR));
  const path = socketPath('audit.sock');
  const questions = [
    { t: 'read-audit', id: 1, afterRow: 0, limit: 2, events: 'alarms' },
    { t: 'read-audit', id: 2, afterRow: 5, limit: 0, events: 'all' },
    { t: 'read-audit', id: 3, afterRow: 1_000_000, limit: 200, events: 'all' },
  ];
  const { heard } = await say(path, questions, questions.length);
  const [first, second, third] = heard as { records: { row: number }[]; newestRow: number }[];
  const rows = first?.records.map(({ row }) => row) ?? [];
  assert.equal(rows.length, 2);
  assert.deepEqual(
    rows,
    [...rows].sort((one, other) => one - other),
  );
  assert.deepEqual(second?.records, []);
  assert.ok((second?.newestRow ?? 0) >= 5);
  assert.deepEqual(third?.records, []);
  for (const message of [
    { t: 'read-audit', id: 1, afterRow: 0, limit: 100_000, events: 'all' },
    { t: 'view', id: 1, operation: 'ListKeys', input: {} },
    { t: 'read-audit', id: 1, afterRow: -1, limit: 1, events: 'all' },
    { t: 'read-audit', id: 1, afterRow: 0, limit: 1, events: 'keys' },
  ])
    assert.ok((await say(path, [message])).closed, JSON.stringify(message));
});

test('its own directory is its alone, and it reads no local file of the KMA', () => {
  const pid = pidOf('platform');
  const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  assert.ok(line.includes('--permission'));
  const readable = line.filter((argument) => argument.startsWith('--allow-fs-read='));
  const reaches = (path: string) =>
    readable.some((argument) => {
      const allowed = argument.slice('--allow-fs-read='.length);
      return allowed.endsWith('*') ? path.startsWith(allowed.slice(0, -1)) : path === allowed;
    });
  assert.ok(reaches(join(kma.data, 'platform', 'names', 'x')));
  for (const name of ['kma.db', 'kma.db-wal', 'local/identity', 'staging/x', 'admin.sock'])
    assert.ok(!reaches(join(kma.data, name)), name);
  assert.ok(!reaches(`${kma.data}.unlock-key`));
});

test('where its directory cannot be made it does what needs none, and agents are served', async () => {
  await using plain = await TestKma.start({ bare: true });
  await plain.stop();
  writeFileSync(join(plain.data, 'platform'), 'in the way', { mode: 0o600 });
  await plain.resume();
  await plain.ask('SetDns', { servers: ['127.0.0.1'] }, OFFICER);
  await until('it is there', async () => (await plain.ask<Status>('ShowStatus', {})).platform.length > 0);
  await assert.rejects(plain.ask('LookUpName', { hostName: 'a.example' }, OFFICER), /No DNS server answered/);
  const { warnings } = await plain.ask<Status>('ShowStatus', {});
  assert.ok(warnings.some((warning) => warning.includes('support cannot work')));
});

test('DNS servers of one KMA are set by a Security Officer, and the process goes by them at once', async () => {
  await untilThere();
  await kma.ask('SetDns', { servers: ['127.0.0.1'], domain: 'example.com' }, OFFICER);
  await until('it has heard', async () =>
    (await stateOfNames())?.startsWith('127.0.0.1, domain example.com'),
  );
  await kma.ask('SetDns', { servers: [] }, OFFICER);
  await until('it has heard', async () => (await stateOfNames())?.startsWith('no DNS server'));
});
