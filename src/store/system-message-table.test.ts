/** System messages as rows: in order, and of too many the oldest go. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { temporaryStore } from './store.fixture.ts';

const message = (text: string) =>
  ({ createdAtMs: 5, process: 'core', severity: 'warning', message: text }) as const;

test('the newest come first, with all that was told of them', (t) => {
  const { store } = temporaryStore(t);
  store.systemMessages.add([message('one'), message('two')]);
  store.systemMessages.add([message('three')]);
  assert.deepEqual(store.systemMessages.newest(), [
    { number: 3, ...message('three') },
    { number: 2, ...message('two') },
    { number: 1, ...message('one') },
  ]);
  assert.deepEqual(
    store.systemMessages.newest(1).map(({ number }) => number),
    [3],
  );
});

test('of more than are kept the oldest go, and no number is given twice', (t) => {
  const { store } = temporaryStore(t);
  for (let i = 0; i < 10; i++) store.systemMessages.add([message(`${i}`)], 3);
  assert.deepEqual(
    store.systemMessages.newest().map(({ number, message: text }) => `${number} ${text}`),
    ['10 9', '9 8', '8 7'],
  );
});
