/** A receiver of events gets each once and in order, through its own absences and those of this process, and never more than it may keep waiting. */
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { until } from '../../test/support/until.ts';
import { AuditFollower, type FollowerParts } from './audit-follower.ts';
import { AuditSource } from './audit-source.fixture.ts';

/** A receiver whose presence the test decides on. */
class Receiver {
  readonly got: number[] = [];
  readonly told: number[] = [];
  away = '';

  parts(tools: FollowerParts['tools'], cursorPath: string, eventsMax = 100): FollowerParts {
    return {
      ...{ tools, cursorPath, eventsMax, name: 'test', retryMs: 5 },
      wanted: ({ severity }) => severity === 'error',
      send: async ({ row }) => this.away || (this.got.push(row) > 0 ? null : ''),
      sendDropped: async (count) => this.away || (this.told.push(count) > 0 ? null : ''),
    };
  }
}

function begin(t: TestContext, eventsMax = 100) {
  const audit = new AuditSource();
  audit.write();
  const tools = audit.tools(t);
  const cursorPath = join(tools.directory, 'cursor.json');
  const receiver = new Receiver();
  const follow = () => {
    const follower = new AuditFollower(receiver.parts(tools, cursorPath, eventsMax));
    tools.audit.onNew(() => follower.auditGrew());
    t.after(() => follower.stop());
    return follower;
  };
  return { audit, receiver, cursorPath, follow };
}
const rows = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, place) => from + place);

test('a new receiver begins with now and gets what it wants, in order', async (t) => {
  const { audit, receiver, follow } = begin(t);
  follow();
  for (let count = 0; count < 50; count += 1)
    audit.write({ severity: count % 2 === 0 ? 'error' : 'success' });
  await until('all of them', () => receiver.got.length === 25);
  assert.deepEqual(
    receiver.got,
    rows(2, 51).filter((row) => row % 2 === 0),
  );
});

test('what came while it was away, or while nothing ran here, it gets afterwards, and nothing twice', async (t) => {
  const { audit, receiver, follow } = begin(t);
  const first = follow();
  audit.write();
  await until('the first one', () => receiver.got.length === 1);
  receiver.away = 'no answer';
  for (let count = 0; count < 10; count += 1) audit.write();
  await until('the trouble is seen', () => first.standing().trouble === 'no answer');
  await first.stop();
  for (let count = 0; count < 10; count += 1) audit.write();
  receiver.away = '';
  follow();
  await until('all of them', () => receiver.got.length === 21);
  assert.deepEqual(receiver.got, rows(2, 22));
});

test('people are told once that it is away, with the reason, and not of what lasts less than a minute', async (t) => {
  const { audit, receiver, follow } = begin(t);
  const follower = follow();
  receiver.away = 'nobody "listens" there';
  for (let count = 0; count < 10; count += 1) audit.write();
  await until('a note', () => audit.notes.length > 0);
  receiver.away = '';
  await until('all of them', () => receiver.got.length === 10);
  assert.equal(follower.standing().trouble, '');
  assert.deepEqual(
    audit.notes.map(({ severity, condition, message }) => [severity, condition, message]),
    [['warning', 'Receiver unreachable', 'receiver="test" why="nobody \\"listens\\" there"']],
  );
});

test('of more than may wait the oldest are left out, counted, and told of before the rest', async (t) => {
  const { audit, receiver, follow } = begin(t, 20);
  receiver.away = 'no answer';
  const follower = follow();
  for (let count = 0; count < 500; count += 1) audit.write();
  await until('they are bounded', () => follower.standing().dropped === 480);
  assert.equal(follower.standing().waiting, 20);
  receiver.away = '';
  await until('the rest', () => receiver.got.length === 20);
  assert.deepEqual(receiver.got, rows(482, 501));
  assert.deepEqual(receiver.told, [480]);
  assert.equal(follower.standing().dropped, 480);
});

test('what was left out before a restart is told of after it', async (t) => {
  const { audit, receiver, follow } = begin(t, 5);
  receiver.away = 'no answer';
  const first = follow();
  for (let count = 0; count < 30; count += 1) audit.write();
  await until('they are bounded', () => first.standing().dropped === 25);
  await first.stop();
  receiver.away = '';
  follow();
  await until('the rest', () => receiver.got.length === 5);
  assert.deepEqual([receiver.told, receiver.got], [[25], rows(27, 31)]);
});

test('events that were cut from the audit while they waited count as left out', async (t) => {
  const { audit, receiver, follow } = begin(t, 1000);
  receiver.away = 'no answer';
  const follower = follow();
  for (let count = 0; count < 300; count += 1) audit.write();
  await until('all wait', () => follower.standing().waiting === 300);
  audit.records.splice(0, 260);
  receiver.away = '';
  await until('the last', () => receiver.got.at(-1) === 301);
  assert.deepEqual(receiver.got, [...rows(2, 201), ...rows(261, 301)], 'the first 200 were held');
  assert.equal(follower.standing().dropped, 59);
});

test('a place behind the end of the audit is of another one: it begins with now and says so', async (t) => {
  const { audit, receiver, cursorPath, follow } = begin(t);
  writeFileSync(cursorPath, JSON.stringify({ row: 5_000, dropped: 0 }));
  follow();
  audit.write();
  await until('the new one', () => receiver.got.length === 1);
  assert.deepEqual(receiver.got, [2]);
  assert.deepEqual(
    audit.notes.map(({ condition }) => condition),
    ['Receiver begins anew'],
  );
});

test('a place that cannot be read begins with now', async (t) => {
  const { audit, receiver, cursorPath, follow } = begin(t);
  writeFileSync(cursorPath, '{"row":-1');
  follow();
  audit.write();
  await until('the new one', () => receiver.got.length === 1);
  assert.deepEqual(receiver.got, [2]);
});

test('a place that cannot be written is kept in memory, and the receiver gets everything', async (t) => {
  const audit = new AuditSource();
  audit.write();
  const tools = audit.tools(t);
  const receiver = new Receiver();
  const path = join(tools.directory, 'no-such-directory', 'cursor.json');
  const follower = new AuditFollower(receiver.parts(tools, path));
  for (let count = 0; count < 20; count += 1) audit.write();
  follower.auditGrew();
  await until('all of them', () => receiver.got.length === 20);
  await follower.stop();
  assert.deepEqual(
    audit.notes.map(({ condition }) => condition),
    ['Place of a receiver not kept'],
  );
});

test('while the audit cannot be read it waits, and goes on by itself', async (t) => {
  const { audit, receiver, follow } = begin(t);
  audit.unreadable = true;
  follow();
  audit.write();
  await until('nothing was lost by it', () => receiver.got.length === 0);
  audit.unreadable = false;
  await until('the record', () => receiver.got.length === 1);
});

test('a receiver that is forgotten leaves no place behind', async (t) => {
  const { cursorPath, follow } = begin(t);
  const follower = follow();
  await follower.stop();
  assert.equal(existsSync(cursorPath), true);
  await follow().forget();
  assert.equal(existsSync(cursorPath), false);
});

test('a receiver that takes less than there is is told once a minute at most, and people too', async (t) => {
  const { audit, receiver, follow } = begin(t, 5);
  const follower = follow();
  for (let round = 0; round < 30; round += 1) {
    for (let count = 0; count < 20; count += 1) audit.write();
    await until('it goes on', () => receiver.got.length > round * 2);
  }
  await until('nothing waits', () => follower.standing().waiting === 0);
  assert.equal(receiver.told.length, 1);
  assert.deepEqual(
    audit.notes.map(({ condition }) => condition),
    ['Events left out'],
  );
  assert.equal(receiver.got.length + follower.standing().dropped, 600);
});

test('records that were cut before they were looked at count as left out', async (t) => {
  const { audit, receiver, follow } = begin(t);
  const first = follow();
  audit.write();
  await until('the first', () => receiver.got.length === 1);
  await first.stop();
  for (let count = 0; count < 30; count += 1) audit.write();
  // The long term keeps what is old: only what lies between is gone.
  audit.records.splice(2, 20);
  const follower = follow();
  await until('the rest', () => receiver.got.length === 11);
  assert.deepEqual(receiver.got, [2, ...rows(23, 32)]);
  assert.deepEqual([follower.standing().dropped, receiver.told], [20, [20]]);
});
