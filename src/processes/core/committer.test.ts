/** What happens in a commit and after it: what fails concerns nobody else, and is not hidden. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { temporaryStore } from '../../store/store.fixture.ts';
import type { Store } from '../../store/store.ts';
import { Committer } from './committer.ts';

const store = { transaction: <T>(work: () => T): T => work(), inTransaction: true } as unknown as Store;

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

test('an error of reading with which the database rolls back is told to who asked, and nothing of the others is written outside', async (t) => {
  const real = temporaryStore(t).store;
  const committer = new Committer(real);
  const failing = committer.submit({
    decide: () => {
      // As SQLite does by itself after an error of input or output.
      real.database.exec('ROLLBACK');
      throw Object.assign(new Error('disk I/O error'), { errcode: 266 });
    },
    write: () => undefined,
  });
  let wrote: boolean[] = [];
  const other = committer.submit({
    decide: () => 'decided',
    write: (decided) => {
      wrote = [...wrote, real.inTransaction];
      real.setLocal('other', decided);
    },
  });
  await assert.rejects(failing, { code: 'STORE_DAMAGED' });
  await other;
  assert.deepEqual(wrote, [true]);
  assert.equal(real.getLocal('other'), 'decided');
});
