/** Syslog servers that are real (rsyslogd), and some that are no good: everything arrives, in order, and nobody waits for anybody else. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { anyRecord } from '../src/platform/syslog/any-record.fixture.ts';
import { KMA, QUICK, syslogServerOf } from '../src/platform/syslog/audit.fixture.ts';
import { oneLine } from '../src/platform/syslog/one-line.ts';
import { SyslogPart } from '../src/platform/syslog/syslog-part.ts';
import { freePort } from './support/free-port.ts';
import { OddReceiver } from './support/odd-receiver.ts';
import { type Received, Rsyslogd } from './support/rsyslogd.ts';
import {
  AUDIT_ELEMENT,
  begun,
  connected,
  rowsIn,
  rowsOf,
  serve,
  servers,
  stateOf,
  upTo,
} from './support/syslog-serving.ts';
import { until } from './support/until.ts';

const MANY = 3_000;

test('rsyslogd gets all records in order, and reads the fields as they were written', async (t) => {
  const source = begun(t);
  await using rsyslogd = await Rsyslogd.start(join(source.directory, 'rsyslog'));
  const part = serve(t, source, [syslogServerOf(rsyslogd.port)]);
  await connected(part);
  const entityId = 'a "quoted] na\\me= ü|€';
  source.write(MANY, { entityId, severity: 'error', operation: 'CreateKey' });
  await until('all are there', () => rsyslogd.received().length >= MANY);
  assert.deepEqual(rowsOf(rsyslogd), upTo(MANY + 1, 2));
  const { facility, severity, host, app, msgid, fields } = rsyslogd.received()[0] as Received;
  assert.deepEqual([facility, severity, host, app, msgid], ['13', 'err', 'kma-1', 'openkma', 'CreateKey']);
  assert.equal(fields?.[AUDIT_ELEMENT]?.['entityId'], entityId);
  assert.equal(fields?.[AUDIT_ELEMENT]?.['id'], '2'.padStart(32, '0'));
});

test('rsyslogd reads every field of records that hold whatever somebody could get into them', async (t) => {
  const source = begun(t);
  await using rsyslogd = await Rsyslogd.start(join(source.directory, 'rsyslog'));
  await connected(serve(t, source, [syslogServerOf(rsyslogd.port)]));
  const records = fc.sample(anyRecord, { numRuns: 400, seed: 5424 });
  for (const { row: _, ...record } of records) source.write(1, record);
  await until('all are there', () => rsyslogd.received().length >= records.length);
  for (const [index, message] of rsyslogd.received().entries()) {
    const record = records[index];
    assert.ok(record !== undefined);
    for (const name of [
      'operation',
      'severity',
      'condition',
      'entityId',
      'entityAddress',
      'kmaName',
      'solution',
    ] as const) {
      const [found, whole] = [message.fields?.[AUDIT_ELEMENT]?.[name] ?? 'none', oneLine(record[name])];
      assert.ok(found === whole || whole.startsWith(found.slice(0, -3)), `${index} ${name}: ${found}`);
    }
  }
});

for (const [format, framing, expected] of [
  ['rfc5424', 'newline', /^<110>1 .*\[audit@32473 row="2"/],
  [
    'rfc3164',
    'octet-counting',
    /^<110>Jan {2}1 00:00:00 kma-1 openkma: RetrieveKey by drive-1: Success: number=2 \[row=2 /,
  ],
  ['rfc3164', 'newline', /^<110>Jan {2}1 00:00:00 kma-1 openkma: /],
  ['cef', 'octet-counting', /^<110>Jan {2}1 00:00:00 kma-1 CEF:0\|OpenKMA\|KMA\|1\.2\.3\|RetrieveKey\|/],
  ['cef', 'newline', /^<110>Jan .* CEF:0\|.* cn1=2 /],
] as const)
  test(`rsyslogd takes ${format} with ${framing}`, async (t) => {
    const source = begun(t);
    await using rsyslogd = await Rsyslogd.start(join(source.directory, 'rsyslog'));
    await connected(serve(t, source, [syslogServerOf(rsyslogd.port, { format, framing })]));
    source.write(3);
    await until('all are there', () => rsyslogd.received().length >= 3);
    const [first] = rsyslogd.received();
    assert.match(first?.raw ?? '', expected);
    assert.equal(first?.host, 'kma-1');
  });

test('a server that was down gets what was written meanwhile, once and in order, and the audit tells of it', async (t) => {
  const source = begun(t);
  await using rsyslogd = await Rsyslogd.start(join(source.directory, 'rsyslog'));
  const part = serve(t, source, [syslogServerOf(rsyslogd.port)]);
  await connected(part);
  source.write(100);
  await until('the first are there', () => rsyslogd.received().length >= 100);
  await rsyslogd.stop();
  await until('people are told', () => source.conditions().includes('Receiver unreachable'));
  for (let i = 0; i < 20; i++) source.write(MANY / 20);
  assert.match(
    part.state().troubles.join(),
    /syslog server logs gets nothing, 3000 records wait: .*ECONNREFUSED/,
  );
  await rsyslogd.resume();
  await until('all are there', () => rsyslogd.received().length >= 100 + MANY);
  await until('people are told that it is back', () =>
    source.conditions().includes('Receiver reachable again'),
  );
  assert.deepEqual(rowsOf(rsyslogd), upTo(101 + MANY, 2));
  assert.deepEqual(source.conditions(), ['Receiver unreachable', 'Receiver reachable again']);
  assert.match(
    source.notes[1]?.message ?? '',
    /^receiver="syslog server logs" downSeconds=\d+ waited=3000 dropped=0$/,
  );
});

test('a server that is killed in the middle loses nothing: what it may not have read is sent again', async (t) => {
  const source = begun(t);
  await using rsyslogd = await Rsyslogd.start(join(source.directory, 'rsyslog'));
  const part = serve(t, source, [syslogServerOf(rsyslogd.port)], { settleMs: 60_000 });
  await connected(part);
  rsyslogd.freeze();
  source.write(MANY);
  await until('all are on the way', () => stateOf(part)?.waiting === 0);
  await rsyslogd.stop('SIGKILL');
  await until('the end is noticed', () => stateOf(part)?.state !== 'connected');
  await rsyslogd.resume();
  await until('all are there', () => new Set(rowsOf(rsyslogd)).size >= MANY);
  assert.deepEqual([...new Set(rowsOf(rsyslogd))], upTo(MANY + 1, 2));
  assert.ok((stateOf(part)?.repeatedAtMost ?? 0) >= MANY);
});

test('a platform process that is killed repeats a little and loses nothing', async (t) => {
  const source = begun(t);
  await using rsyslogd = await Rsyslogd.start(join(source.directory, 'rsyslog'));
  const configuration = [syslogServerOf(rsyslogd.port)];
  const killed = serve(t, source, configuration, { settleMs: 60_000 });
  await connected(killed);
  source.write(MANY);
  await until('all are there', () => rsyslogd.received().length >= MANY);
  source.write(10);
  // What was sent and is not known to be received is forgotten with the process; the file says what was.
  const next = serve(t, source, configuration);
  await until('the rest is there', () => new Set(rowsOf(rsyslogd)).size >= MANY + 10);
  await connected(next);
  assert.deepEqual(
    [...new Set(rowsOf(rsyslogd))].sort((a, b) => a - b),
    upTo(MANY + 11, 2),
  );
});

test('a platform process that is killed just after a server was made loses nothing either', async (t) => {
  const source = begun(t);
  const configuration = [syslogServerOf(await freePort())];
  const killed = serve(t, source, configuration, { keptWithinMs: 60_000 });
  await until('it is down', () => stateOf(killed)?.state === 'down');
  source.write(20);
  await using receiver = await OddReceiver.start(() => undefined);
  const next = serve(t, source, [{ ...syslogServerOf(receiver.port) }]);
  await connected(next);
  await until('what was written since is on the way', () => stateOf(next)?.sent === 20);
});

test('a planned stop repeats nothing', async (t) => {
  const source = begun(t);
  await using rsyslogd = await Rsyslogd.start(join(source.directory, 'rsyslog'));
  const configuration = [syslogServerOf(rsyslogd.port)];
  const first = serve(t, source, configuration, { settleMs: 60_000, endMs: 30_000 });
  await connected(first);
  source.write(500);
  await until('all are on the way', () => stateOf(first)?.waiting === 0);
  await first.stop();
  source.write(500);
  await connected(serve(t, source, configuration));
  await until('all are there', () => rsyslogd.received().length >= 1_000);
  assert.deepEqual(rowsOf(rsyslogd), upTo(1_001, 2));
});

test('of two servers one reads nothing, and the other gets everything at once', async (t) => {
  const source = begun(t);
  await using rsyslogd = await Rsyslogd.start(join(source.directory, 'rsyslog'));
  await using silent = await OddReceiver.start(() => undefined);
  const part = serve(
    t,
    source,
    [syslogServerOf(rsyslogd.port), syslogServerOf(silent.port, { id: 'B'.repeat(32), name: 'silent' })],
    { stallMs: 5_000 },
  );
  await connected(part);
  await connected(part, 'silent');
  // More than what the system takes in place of the one that does not read.
  source.write(20_000, { message: 'x'.repeat(600) });
  await until('the other has all', () => stateOf(part)?.waiting === 0);
  assert.ok((stateOf(part, 'silent')?.waiting ?? 0) > 0);
  await until('all are there', () => rsyslogd.received().length >= 20_000);
  assert.deepEqual(rowsOf(rsyslogd), upTo(20_001, 2));
  await until('it is given up for now', () => stateOf(part, 'silent')?.trouble.includes('what it is sent'));
  assert.equal(stateOf(part)?.state, 'connected');
});

test('one that closes at once counts as down, is tried again more and more seldom, and gets all when it has changed', async (t) => {
  const source = begun(t);
  const port = await freePort();
  const part = await (async () => {
    await using closing = await OddReceiver.start((socket) => socket.end(), port);
    const made = serve(t, source, [syslogServerOf(port)], { retryMs: [20, 400], provenMs: 5_000 });
    await until('it is down', () => stateOf(made)?.state === 'down');
    source.write(50);
    await until('it is noticed', () => source.conditions().includes('Receiver unreachable'));
    await until('it was tried again', () => closing.connections > 3);
    return made;
  })();
  assert.ok(source.notes.length === 1, 'told once');
  await using receiver = await OddReceiver.start(OddReceiver.reads, port);
  await connected(part);
  await until('all are there', () => rowsIn(receiver).length >= 50);
  assert.deepEqual(rowsIn(receiver), upTo(51, 2));
});

test('one that talks is not listened to, and one that talks without end is cut', async (t) => {
  const source = begun(t);
  const garbage = Buffer.alloc(16 * 1024, 'garbage\0\u001b[2J<0>1 ');
  await using talker = await OddReceiver.start((socket) => {
    const more = (error?: Error | null) => void (error == null && socket.write(garbage, more));
    more();
  });
  await using greeter = await OddReceiver.start((socket, receiver) => {
    socket.write(garbage);
    OddReceiver.reads(socket, receiver);
  });
  const part = serve(t, source, [
    syslogServerOf(talker.port, { name: 'talker' }),
    syslogServerOf(greeter.port, { id: 'B'.repeat(32), name: 'greeter' }),
  ]);
  await until('the talker is cut', () => stateOf(part, 'talker')?.trouble.startsWith('the server talks'));
  await connected(part, 'greeter');
  source.write(5);
  await until('the greeter has all', () => rowsIn(greeter).length === 5);
});

test('where too much has gathered the oldest are left out, and one notice tells the server and the audit how many', async (t) => {
  const source = begun(t);
  const port = await freePort();
  const part = serve(t, source, [syslogServerOf(port)], { behindMax: 500 });
  await until('it is down', () => stateOf(part)?.state === 'down');
  source.write(2_000);
  await using receiver = await OddReceiver.start(OddReceiver.reads, port);
  const told = () => receiver.text.match(/SkipAuditRecords: Audit records not sent: .*?(?=\d+ <|$)/g) ?? [];
  await until('the notice is there', () => told().length > 0);
  assert.deepEqual(told(), ['SkipAuditRecords: Audit records not sent: count=1500 through=2001']);
  assert.deepEqual(rowsIn(receiver), upTo(2_001, 1_502));
  const notes = source.notes.filter(({ condition }) => condition === 'Audit records not sent');
  assert.deepEqual(
    notes.map(({ message }) => message),
    ['receiver="syslog server logs" count=1500 through=2001'],
  );
  assert.equal(stateOf(part)?.skipped, 1_500);
});

test('records that the retention has cut meanwhile are counted, also those between others', async (t) => {
  const source = begun(t);
  const port = await freePort();
  const part = serve(t, source, [syslogServerOf(port)]);
  await until('it is down', () => stateOf(part)?.state === 'down');
  source.write(1_000);
  source.cut(801, (row) => row % 2 === 0);
  await using receiver = await OddReceiver.start(OddReceiver.reads, port);
  await until('all is told', () => receiver.text.includes('count=400 through=1001'));
  assert.equal(rowsIn(receiver).length, 600);
  assert.equal(receiver.text.match(/SkipAuditRecords: /g)?.length, 1);
});

test('a server that asks for alarms gets them alone, and is told nothing of the others', async (t) => {
  const source = begun(t);
  await using rsyslogd = await Rsyslogd.start(join(source.directory, 'rsyslog'));
  const part = serve(t, source, [syslogServerOf(rsyslogd.port, { events: 'alarms' })]);
  await connected(part);
  source.write(300);
  source.write(2, { severity: 'error' });
  source.write(300);
  source.write(1, { class: 'Security Violation', severity: 'warning' });
  await until('the alarms are there', () => rsyslogd.received().length >= 3);
  assert.deepEqual(rowsOf(rsyslogd), [302, 303, 604]);
  await until('none waits', () => stateOf(part)?.waiting === 0);
});

test('without space for its place a server gets all, the audit says so once, and it is kept when there is space', async (t) => {
  const source = begun(t);
  await using receiver = await OddReceiver.start(OddReceiver.reads);
  const directory = join(source.directory, 'gone');
  const part = new SyslogPart({ ...source.tools, directory }, QUICK);
  t.after(() => part.stop());
  part.apply({ kma: KMA, syslog: { servers: [syslogServerOf(receiver.port)] } });
  await connected(part);
  source.write(20);
  await until('the audit says so', () => source.notes.length > 0);
  assert.match(part.state().troubles.join(), /what syslog server logs has received is not kept on disk/);
  mkdirSync(directory);
  source.write(20);
  await until('all are there', () => rowsIn(receiver).length === 40);
  await until('it is kept', () => stateOf(part)?.positionNotKept === false);
  await part.stop();
  assert.equal(readFileSync(join(directory, `${'A'.repeat(32)}.row`), 'utf8'), '41\n');
  assert.deepEqual(source.conditions(), ['Place of a receiver not kept']);
  assert.match(source.notes[0]?.message ?? '', /why=ENOENT$/);
});

test('a place that is not in this audit, and one that cannot be read, begin anew; a deleted server leaves none', async (t) => {
  const source = begun(t);
  const [file, other] = ['A', 'B'].map((digit) => join(source.directory, `${digit.repeat(32)}.row`));
  assert.ok(file && other);
  writeFileSync(file, '900\n');
  writeFileSync(other, '7\n');
  await using receiver = await OddReceiver.start(OddReceiver.reads);
  const part = serve(t, source, [syslogServerOf(receiver.port)]);
  await connected(part);
  assert.deepEqual(source.conditions(), ['Receiver begins anew']);
  assert.deepEqual([existsSync(file), existsSync(other)], [true, false]);
  source.write(3);
  await until('what is new arrives', () => rowsIn(receiver).length === 3);
  part.apply({ kma: KMA, syslog: { servers: [] } });
  await until('it is gone', () => servers(part).length === 0 && !existsSync(file));
  writeFileSync(file, '\0\0');
  part.apply({ kma: KMA, syslog: { servers: [syslogServerOf(receiver.port)] } });
  await connected(part);
  source.write(2);
  await until('what is new arrives', () => rowsIn(receiver).length === 5);
});

test('a server that is changed goes on where it was', async (t) => {
  const source = begun(t);
  await using receiver = await OddReceiver.start(OddReceiver.reads);
  const part = serve(t, source, [syslogServerOf(receiver.port)]);
  await connected(part);
  source.write(10);
  part.apply({ kma: KMA, syslog: { servers: [syslogServerOf(receiver.port, { framing: 'newline' })] } });
  source.write(10);
  await until('all are there', () => rowsIn(receiver).length >= 20);
  await connected(part);
  assert.deepEqual(rowsIn(receiver), upTo(21, 2));
  assert.match(receiver.text, />1 [^\n]*number=21\n$/);
});

test('while the audit cannot be read nothing is lost, and it goes on when it can', async (t) => {
  const source = begun(t);
  await using receiver = await OddReceiver.start(OddReceiver.reads);
  const part = serve(t, source, [syslogServerOf(receiver.port)]);
  await connected(part);
  source.unreadable = true;
  source.write(10);
  await until('they wait', () => stateOf(part)?.waiting === 10);
  source.unreadable = false;
  await until('all are there', () => rowsIn(receiver).length === 10);
});
