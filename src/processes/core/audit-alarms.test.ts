/** How many notes people get of one member's audit, however many chains it invents. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AuditAlarms, NOTES_MAX, QUIET_MS } from './audit-alarms.ts';

function alarmsAt(nowMs: () => number) {
  const notes: string[] = [];
  const alarms = new AuditAlarms((condition, details) => notes.push(`${condition}: ${details}`), nowMs);
  return {
    notes,
    alarms,
    tell: (chain: string, from = 'H') => alarms.tell({ chain, from }, 'Refused', chain),
  };
}

test('of one sender there are so many notes an hour, however many chains it invents, and how many were left out', () => {
  let nowMs = 0;
  const { notes, tell } = alarmsAt(() => nowMs);
  const told = Array.from({ length: 10_000 }, (_, n) => tell(`chain ${n}`)).filter(Boolean);
  assert.deepEqual([told.length, notes.length], [NOTES_MAX, NOTES_MAX]);
  assert.equal(tell('chain 0'), false);
  assert.equal(tell('chain 0', 'another'), true, 'others have their own');
  nowMs = QUIET_MS;
  assert.equal(tell('chain 9000'), true);
  assert.equal(notes.at(-1), `Refused: chain 9000 (other-chains-without-note=${10_000 - NOTES_MAX})`);
  assert.equal(tell('chain 0'), true);
  assert.equal(notes.at(-1), 'Refused: chain 0 (without-note=1)');
  assert.equal(tell('chain 1'), true);
  assert.equal(notes.at(-1), 'Refused: chain 1');
});

test('a note is forgotten when it keeps nothing back any more', () => {
  let nowMs = 0;
  const { notes, alarms, tell } = alarmsAt(() => nowMs);
  tell('chain of today');
  tell('chain of today');
  for (let hour = 1; hour <= 20; hour += 1) {
    nowMs = hour * QUIET_MS;
    tell(`chain ${hour}`);
  }
  assert.equal(alarms.remembered, 2, 'the last one, and one with what was left out');
  tell('chain of today');
  assert.equal(notes.at(-1), 'Refused: chain of today (without-note=1)');
  nowMs += 24 * QUIET_MS;
  tell('chain');
  assert.equal(alarms.remembered, 1);
});
