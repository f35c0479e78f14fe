/** What happens after a commit: changes of memory that fail concern nobody else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Store } from '../../store/store.ts';
import { Committer } from './committer.ts';

const store = { transaction: <T>(work: () => T): T => work() } as unknown as Store;

test('an effect that throws refuses its own task alone, and the process goes on', async () => {
  const committer = new Committer(store);
  const task = (value: string, committed: () => void) =>
    committer.submit({ decide: () => value, write: (decided: string) => decided, committed });
  const remembered: string[] = [];
  const answers = await Promise.allSettled([
    task('first', () => remembered.push('first')),
    task('second', () => {
      throw new Error('no room beside the data directory');
    }),
    task('third', () => remembered.push('third')),
  ]);
  assert.deepEqual(
    answers.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  assert.deepEqual(remembered, ['first', 'third']);
});
