/** Notes of the platform process: some are records, a flood is a count. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PlatformNote } from '../../platform/part.ts';
import { PlatformNotes } from './platform-notes.ts';

const NOTE: PlatformNote = { severity: 'warning', condition: 'Something', message: '' };

test('a flood of notes costs no more than its rate, and its size is recorded once it is over', () => {
  let elapsedMs = 0;
  const recorded: PlatformNote[] = [];
  const notes = new PlatformNotes({
    elapsedMs: () => elapsedMs,
    record: (_part, note) => recorded.push(note),
  });
  for (let i = 0; i < 1_000; i++) notes.note('syslog', NOTE);
  const written = recorded.length;
  assert.ok(written > 0 && written <= 100, `${written} records at once`);
  notes.flush();
  assert.equal(recorded.length, written, 'nothing more while the flood lasts');
  elapsedMs += 60_000;
  notes.flush();
  assert.equal(recorded.at(-1)?.condition, 'Platform notes left out');
  assert.equal(recorded.at(-1)?.message, `count=${1_000 - written}`);
  notes.flush();
  assert.equal(recorded.length, written + 1, 'and not again');
});
