/** One thing at a time, in the order of asking, with a rest after each, and none lost by one that fails. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { RestedTurns } from './rested-turns.ts';

test('what is asked together is done one after the other, and the core rests in between', async () => {
  const turns = new RestedTurns();
  const log: string[] = [];
  const times: number[] = [];
  const work = (name: string) =>
    turns.run(async () => {
      log.push(`${name} begins`);
      times.push(performance.now());
      await pause(20);
      log.push(`${name} ends`);
      return name;
    });
  assert.deepEqual(await Promise.all(['a', 'b', 'c'].map(work)), ['a', 'b', 'c']);
  assert.deepEqual(
    log,
    ['a', 'b', 'c'].flatMap((name) => [`${name} begins`, `${name} ends`]),
  );
  const [first = 0, second = 0] = times;
  assert.ok(second - first >= 75, `${second - first} ms`);
});

test('one that fails is told to who asked, and the next one is done', async () => {
  const turns = new RestedTurns();
  await assert.rejects(
    turns.run(() => Promise.reject(new Error('away'))),
    /away/,
  );
  assert.equal(await turns.run(() => Promise.resolve(1)), 1);
});
