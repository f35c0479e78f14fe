/** Asking for what others have written: who is late makes nobody wait for ever, and one complete answer forgives him, or time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CoreToReplicator } from '../replicator/messages.ts';
import { CatchUps } from './catch-ups.ts';

function world() {
  const time = { ms: 1_000 };
  const catchUps = new CatchUps(() => time.ms);
  const answer = { complete: true };
  const send = (message: CoreToReplicator) => {
    if (message.t === 'catch-up') setImmediate(() => catchUps.done(message.id, answer.complete));
  };
  return { time, catchUps, answer, send };
}

test('late counts for some seconds, and anew after a complete answer', async () => {
  const { time, catchUps, answer, send } = world();
  catchUps.connected(send);
  assert.equal(await catchUps.catchUp(60_000), true);
  answer.complete = false;
  assert.equal(await catchUps.catchUp(60_000), false);
  time.ms += 9_999;
  assert.equal(await catchUps.catchUp(60_000), false);
  time.ms += 1;
  assert.equal(await catchUps.catchUp(60_000), true);
  answer.complete = true;
  assert.equal(await catchUps.catchUp(60_000), true);
  answer.complete = false;
  assert.equal(await catchUps.catchUp(60_000), false);
});

test('where nobody asked for a minute, being late begins anew; who asks now and then is not told to wait each time', async () => {
  const { time, catchUps, answer, send } = world();
  catchUps.connected(send);
  answer.complete = false;
  assert.equal(await catchUps.catchUp(60_000), false);
  time.ms += 3_600_000;
  assert.equal(await catchUps.catchUp(60_000), false, 'that it was late an hour ago says nothing');
  time.ms += 30_000;
  assert.equal(await catchUps.catchUp(60_000), true, 'it has been late twice within half a minute');
  time.ms += 60_000;
  assert.equal(await catchUps.catchUp(60_000), true);
});

test('what was late once, and then in time, is late anew the next time, although nobody asked in between', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { time, catchUps, answer, send } = world();
  catchUps.connected(send);
  answer.complete = false;
  assert.equal(await catchUps.catchUp(60_000), false);
  for (const complete of [false, true]) {
    answer.complete = complete;
    t.mock.timers.tick(1_000);
    for (let turn = 0; turn < 5; turn++) await settled();
  }
  time.ms += 15_000;
  answer.complete = false;
  assert.equal(await catchUps.catchUp(60_000), false);
});

test('without a replicator it is late at once, also for who waited when it went', async () => {
  const { catchUps } = world();
  assert.equal(await catchUps.catchUp(60_000), false);
  const silent = () => undefined;
  catchUps.connected(silent);
  const waiting = catchUps.catchUp(60_000);
  catchUps.disconnected(silent);
  assert.equal(await waiting, false);
});

test('who waits for it waits no longer than he said', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { catchUps } = world();
  catchUps.connected(() => undefined);
  let waited = false;
  const waiting = catchUps.catchUp(30).finally(() => {
    waited = true;
  });
  t.mock.timers.tick(29);
  await settled();
  assert.equal(waited, false);
  t.mock.timers.tick(1);
  assert.equal(await waiting, false);
});

test('a replicator that does not answer is waited for half a second', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { catchUps } = world();
  const asked: number[] = [];
  catchUps.connected((message) => message.t === 'catch-up' && asked.push(message.id));
  const waiting = catchUps.catchUp(30_000);
  await settled();
  assert.equal(asked.length, 1);
  t.mock.timers.tick(500);
  assert.equal(await waiting, false);
  catchUps.done(asked[0] ?? 0, true);
});

test('all who ask while it catches up share the next time, which begins after they asked', async () => {
  const { catchUps } = world();
  const asked: number[] = [];
  catchUps.connected((message) => message.t === 'catch-up' && asked.push(message.id));
  const first = catchUps.catchUp(30_000);
  await settled();
  const more = Array.from({ length: 50 }, () => catchUps.catchUp(30_000));
  await settled();
  assert.equal(asked.length, 1);
  catchUps.done(asked[0] ?? 0, false);
  assert.equal(await first, false);
  await settled();
  assert.equal(asked.length, 2);
  catchUps.done(asked[1] ?? 0, true);
  assert.deepEqual(new Set(await Promise.all(more)), new Set([true]));
  assert.equal(asked.length, 2);
});

/** After all that waits for nothing but its turn. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
