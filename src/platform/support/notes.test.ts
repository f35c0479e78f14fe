/** What the audit is told of support sessions: bounded, whatever strangers and the account do, and nothing is lost but counted. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PlatformNote } from '../part.ts';
import { CommandNotes } from './command-notes.ts';
import { SessionNotes } from './session-notes.ts';

function book() {
  const notes: PlatformNote[] = [];
  const clock = { nowMs: 1_000_000 };
  return {
    notes,
    clock,
    tools: { note: (note: PlatformNote) => notes.push(note), nowMs: () => clock.nowMs },
  };
}

test('ten thousand failures of a thousand sources are one record a minute, which names the worst and counts all', () => {
  const { notes, clock, tools } = book();
  const sessions = new SessionNotes(tools);
  for (let at = 0; at < 10_000; at += 1)
    sessions.take({
      event: 'failed',
      from: at % 2 === 0 ? `10.0.0.1:${at}` : `10.1.${at % 250}.${at % 4}:${at}`,
      what: 'password',
    });
  sessions.tellFailures();
  assert.equal(notes.length, 0);
  clock.nowMs += 60_000;
  sessions.tellFailures();
  sessions.tellFailures();
  assert.equal(notes.length, 1);
  assert.match(notes[0]?.message ?? '', /^failures=10000 of=10\.0\.0\.1\/password\*5000,/);
  assert.ok((notes[0]?.message ?? '').length < 400);
});

test('failures are told when support ends, without waiting', () => {
  const { notes, tools } = book();
  const sessions = new SessionNotes(tools);
  sessions.take({ event: 'failed', from: '10.0.0.1:1', what: 'no log-in' });
  sessions.allEnded('disabled');
  assert.equal(notes[0]?.message, 'failures=1 of=10.0.0.1/no-log-in*1');
});

test('a session has one record of its begin and one of its end, however often its end is told', () => {
  const { notes, clock, tools } = book();
  const sessions = new SessionNotes(tools);
  sessions.take({ event: 'begun', from: '10.0.0.1:5', by: 'publickey', key: 'ED25519 SHA256:x' });
  clock.nowMs += 61_000;
  sessions.take({ event: 'ended', from: '10.0.0.1:5' });
  sessions.take({ event: 'ended', from: '10.0.0.1:5' });
  sessions.take({ event: 'ended', from: '10.0.0.1:6' });
  sessions.allEnded('disabled');
  assert.deepEqual(
    notes.map(({ condition, message }) => `${condition}: ${message}`),
    [
      'Support session begun: from=10.0.0.1:5 by=publickey key=ED25519:SHA256:x',
      'Support session ended: from=10.0.0.1:5 seconds=61 why=closed',
    ],
  );
});

test('commands beyond what anybody types are counted, and the next minute begins anew', () => {
  const { notes, clock, tools } = book();
  const commands = new CommandNotes(tools, () => true);
  for (let at = 0; at < 500; at += 1) commands.ofShell('10.0.0.1 5 10.0.0.2 22', 'status', true);
  assert.equal(notes.length, 60);
  clock.nowMs += 60_001;
  commands.tellRest();
  assert.equal(notes.at(-1)?.message, 'commands=440');
  commands.ofShell('10.0.0.1 5 10.0.0.2 22', 'status', true);
  assert.equal(notes.at(-1)?.message, 'from=10.0.0.1:5 line="status"');
});

test('where a command came from is believed only where sshd has such a session', () => {
  const { notes, tools } = book();
  const commands = new CommandNotes(tools, (from) => from === '10.0.0.1:5');
  for (const from of ['10.0.0.1 5 10.0.0.2 22', '6.6.6.6 6 10.0.0.2 22', '', 'officer line="lock"'])
    commands.ofRoot(from, 'id');
  assert.deepEqual(
    notes.map(({ message }) => message),
    ['from=10.0.0.1:5 line="id"', ...Array(3).fill('from=unknown line="id"')],
  );
});

test('a line that would look like details of the record, steer a terminal or go on and on is quoted, cleaned and cut', () => {
  const { notes, tools } = book();
  const commands = new CommandNotes(tools, () => true);
  commands.ofShell('', '" from=1.1.1.1 \u001b[2J\u202e', false);
  commands.ofShell('', 'x'.repeat(10_000), false);
  commands.ofShell('', '\ud800"'.repeat(256), false);
  assert.equal(notes[0]?.message, 'from=: line="\\" from=1.1.1.1 ?[2J?"');
  for (const { message } of notes) assert.ok(message.length < 650 && !/\\ud/.test(message), message);
});
