/** What is reported is written down, once; what cannot be written waits. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { temporaryStore } from '../../store/store.fixture.ts';
import { MESSAGE_CHARACTERS_MAX, SystemMessages } from './system-messages.ts';

test('messages are written in their order, with who said them and when', (t) => {
  const { store } = temporaryStore(t);
  const messages = new SystemMessages(store, () => 7);
  messages.note('info', 'started');
  messages.note('warning', 'core ended', { process: 'supervisor', atMs: 5 });
  messages.write();
  messages.write();
  assert.deepEqual(store.systemMessages.newest(), [
    { number: 2, createdAtMs: 5, process: 'supervisor', severity: 'warning', message: 'core ended' },
    { number: 1, createdAtMs: 7, process: 'core', severity: 'info', message: 'started' },
  ]);
});

test('what is reported within a transaction is not lost with it, and neither is what could not be written', (t) => {
  const { store } = temporaryStore(t);
  const messages = new SystemMessages(store, () => 7);
  store.transaction(() => {
    messages.note('error', 'in the midst');
    // As a store that cannot be written: a transaction is open.
    messages.write();
  });
  assert.deepEqual(store.systemMessages.newest(), []);
  messages.write();
  assert.equal(store.systemMessages.newest()[0]?.message, 'in the midst');
});

test('of a flood that cannot be written the first are kept, each of bounded length', (t) => {
  const { store } = temporaryStore(t);
  const messages = new SystemMessages(store, () => 7);
  for (let i = 0; i < 1000; i++) messages.note('error', `${i} ${'x'.repeat(2 * MESSAGE_CHARACTERS_MAX)}`);
  messages.write();
  const rows = store.systemMessages.newest();
  assert.equal(rows.length, 500);
  assert.match(rows.at(-1)?.message ?? '', /^0 x+$/);
  assert.equal(rows[0]?.message.length, MESSAGE_CHARACTERS_MAX);
});

test('an odd clock is told when it begins and when it ends', (t) => {
  const { store } = temporaryStore(t);
  const messages = new SystemMessages(store, () => 7);
  for (const odd of [null, 'it jumped', 'it jumped', null, null]) messages.noteClock(odd);
  messages.write();
  assert.deepEqual(
    store.systemMessages.newest().map(({ severity, message }) => `${severity} ${message}`),
    ['info clock: in order again', 'warning clock: it jumped; changes are refused'],
  );
});
