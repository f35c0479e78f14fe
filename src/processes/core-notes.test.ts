/** What the supervisor has to say reaches the core that is there, or the next one, once and in its order. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CoreNotes } from './core-notes.ts';

test('before there is a core, and between two, notes wait; each is told once', () => {
  const told: string[] = [];
  const notes = new CoreNotes(({ text }) => told.push(text));
  notes.note('info', 'starts');
  assert.deepEqual(told, []);
  notes.coreIsReady();
  notes.note('warning', 'front 1 ended');
  assert.deepEqual(told, ['starts', 'front 1 ended']);
  notes.coreIsGone();
  notes.note('warning', 'core ended');
  assert.equal(told.length, 2);
  notes.coreIsReady();
  notes.coreIsReady();
  assert.deepEqual(told, ['starts', 'front 1 ended', 'core ended']);
});

test('where no core ever comes, so many wait, and those that were first', () => {
  const told: string[] = [];
  const notes = new CoreNotes(({ text }) => told.push(text));
  for (let i = 0; i < 1000; i++) notes.note('warning', `${i}`);
  notes.coreIsReady();
  assert.deepEqual([told.length, told[0], told.at(-1)], [200, '0', '199']);
});
