/** Questions that many share: never two at once, and no answer older than its asker. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SharedQuestion } from './shared-question.ts';

test('who asks while a question is under way shares the next one, and a failure ends only its own', async () => {
  const put: { resolve(answer: number): void; reject(error: Error): void }[] = [];
  const shared = new SharedQuestion<number>(() => {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    put.push({ resolve, reject });
    return promise;
  });
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const first = shared.ask();
  await turn();
  const later = [shared.ask(), shared.ask(), shared.ask()];
  await turn();
  assert.equal(put.length, 1);
  put[0]?.resolve(1);
  assert.equal(await first, 1);
  await turn();
  assert.equal(put.length, 2);
  put[1]?.reject(new Error('gone'));
  for (const answer of later) await assert.rejects(answer, /gone/);
  const last = shared.ask();
  await turn();
  put[2]?.resolve(3);
  assert.equal(await last, 3);
});
