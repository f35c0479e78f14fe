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

test('without a replicator it is late at once, also for who waited when it went', async () => {
  const { catchUps } = world();
  assert.equal(await catchUps.catchUp(60_000), false);
  const silent = () => undefined;
  catchUps.connected(silent);
  const waiting = catchUps.catchUp(60_000);
  catchUps.disconnected(silent);
  assert.equal(await waiting, false);
});
