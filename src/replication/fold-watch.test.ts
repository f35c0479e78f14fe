/** Objects wait until the own folds cover what a peer has announced, counted in the logs that matter here. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FoldWatch } from './fold-watch.ts';

const NEVER_MS = 60_000;

test('who waits is told when the last log that counts has come far enough', async () => {
  const watch = new FoldWatch({ A: 3 });
  watch.follow(
    new Map([
      ['A', null],
      ['B', null],
    ]),
  );
  assert.ok(watch.covers({ A: 3 }) && !watch.covers({ A: 4 }));
  let told = false;
  const reached = watch.reached({ A: 4, B: 1 }, NEVER_MS).then((covered) => {
    told = true;
    return covered;
  });
  watch.grown({ A: 5 });
  await Promise.resolve();
  assert.equal(told, false, 'B is missing');
  watch.grown({ A: 5, B: 1 });
  assert.equal(await reached, true);
});

test('a log that is not followed, or what lies beyond its limit, holds nobody up', () => {
  const watch = new FoldWatch({ A: 3 });
  watch.follow(new Map([['A', 3]]));
  assert.ok(watch.covers({ A: 9, X: 1_000 }));
  watch.follow(new Map([['A', 4]]));
  assert.ok(!watch.covers({ A: 9 }));
});

test('a stalled log holds nobody up until it goes on', () => {
  const watch = new FoldWatch({ A: 3 });
  watch.follow(new Map([['A', null]]));
  watch.stalled('A', true);
  assert.ok(watch.covers({ A: 9 }));
  watch.stalled('A', false);
  assert.ok(!watch.covers({ A: 9 }));
});

test('the wait ends with false at the deadline, and at the close', async () => {
  const watch = new FoldWatch({});
  watch.follow(new Map([['A', null]]));
  assert.equal(await watch.reached({ A: 1 }, 1), false);
  const waiting = watch.reached({ A: 1 }, NEVER_MS);
  watch.close();
  assert.equal(await waiting, false);
});
