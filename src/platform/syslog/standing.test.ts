/** What people are told of a server's trouble: one record when it lasts and one when it is over, however often it comes and goes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BACK_CONDITION, DOWN_CONDITION, Standing, UNTRUSTED_CONDITION } from './standing.ts';
import { SyslogTrouble } from './trouble.ts';

const TIMES = { notedAfterMs: 10_000, notesApartMs: 60_000 };
const DOWN = new SyslogTrouble('not reached', 'connect ECONNREFUSED');
const UNTRUSTED = new SyslogTrouble('not trusted', 'self-signed certificate');

test('trouble is told of once when it lasts, and once when it is over', () => {
  const standing = new Standing('logs', TIMES);
  assert.equal(standing.failed(DOWN, 0), null);
  const note = standing.failed(DOWN, 10_000);
  assert.deepEqual([note?.condition, note?.severity], [DOWN_CONDITION, 'error']);
  assert.equal(note?.message, 'receiver="syslog server logs" why="connect ECONNREFUSED"');
  assert.equal(standing.failed(DOWN, 600_000), null);
  assert.equal(standing.trouble, DOWN);
  const back = standing.works(700_000, 41, 2);
  assert.deepEqual([back?.condition, back?.severity], [BACK_CONDITION, 'success']);
  assert.equal(back?.message, 'receiver="syslog server logs" downSeconds=700 waited=41 dropped=2');
  assert.equal(standing.works(710_000, 0, 0), null);
  assert.equal(standing.trouble, null);
});

test('quotes in a name, or in what a server said, end no value', () => {
  const trouble = new SyslogTrouble('not reached', 'it says "no" \\ ] [');
  const note = new Standing('a" why="none', { ...TIMES, notedAfterMs: 0 }).failed(trouble, 0);
  assert.equal(note?.message, 'receiver="syslog server a\\" why=\\"none" why="it says \\"no\\" \\\\ ] ["');
  const values = [...(note?.message ?? '').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"(?: |$)/g)];
  assert.deepEqual(
    values.map(([, name]) => name),
    ['receiver', 'why'],
  );
});

test('what is over before it lasts is not told of', () => {
  const standing = new Standing('logs', TIMES);
  standing.failed(DOWN, 0);
  assert.equal(standing.works(5_000, 3, 0), null);
  assert.equal(standing.failed(DOWN, 200_000), null);
});

test('a server that is not who it has to be is told of at once, as a security violation', () => {
  const note = new Standing('logs', TIMES).failed(UNTRUSTED, 0);
  assert.deepEqual([note?.condition, note?.class], [UNTRUSTED_CONDITION, 'Security Violation']);
});

test('of a server that comes and goes for an hour people are told once a minute at most', () => {
  const standing = new Standing('logs', TIMES);
  const toldAtMs: number[] = [];
  for (let atMs = 0; atMs < 3_600_000; atMs += 1_000) {
    const comesAndGoes = atMs % 40_000 < 20_000;
    if ((comesAndGoes ? standing.failed(DOWN, atMs) : standing.works(atMs, 1, 0)) !== null)
      toldAtMs.push(atMs);
  }
  assert.ok(toldAtMs.length >= 2);
  assert.ok(toldAtMs.every((atMs, i) => i === 0 || atMs - (toldAtMs[i - 1] ?? 0) >= 60_000));
});

test('what the other side says of itself stays on one line, and short', () => {
  const { message } = new SyslogTrouble('not trusted', `not "a"\nforged: "b" ${'x'.repeat(1_000)}`);
  assert.ok(Buffer.byteLength(message) <= 200 && !message.includes('\n'), message);
});
