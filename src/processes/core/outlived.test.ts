/** A life that is over for the others ends here and is replaced; of whoever closes its log again within a day people are told instead. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { created } from '../../core/facts.ts';
import type { IncarnationId, KmaId } from '../../core/ids.ts';
import { hlc, stampOf } from '../../core/stamp.ts';
import { INCARNATION, temporaryStore } from '../../store/store.fixture.ts';
import { Outlived } from './outlived.ts';

const HOUR_MS = 3_600_000;
const CLOSER = 'C'.repeat(32) as KmaId;

function world(t: TestContext) {
  const { store } = temporaryStore(t);
  const incarnationId = INCARNATION as IncarnationId;
  const facts = [created('kma', CLOSER, { name: 'mallory', createdAt: 1, number: 1 })];
  const stamp = stampOf(hlc(500, 0), incarnationId);
  store.transaction(() => store.appendEntry(incarnationId, { v: 1, stamp, operation: 'CreateKma', facts }));
  const time = { ms: 5 * HOUR_MS };
  const done: string[] = [];
  /** As after each start. */
  const start = () => {
    const health = {
      stopped: false,
      enterOutlived() {
        if (health.stopped) return false;
        health.stopped = true;
        return true;
      },
    };
    return new Outlived({
      store,
      self: { incarnationId },
      health,
      nowMs: () => time.ms,
      trouble: (condition, details) => done.push(`${condition}: ${details.split(':')[0]}`),
      tell: (text) => done.push(text),
      replace: () => done.push('replaced'),
    });
  };
  return { store, time, done, start };
}

test('a log that a member closes is said again in another life, once a day', (t) => {
  const { time, done, start } = world(t);
  const first = start();
  first.cutShort(CLOSER);
  first.cutShort(CLOSER);
  assert.deepEqual(done.splice(0), [
    'a member ends its log before its last entry, although nobody has removed it',
    'replaced',
  ]);
  time.ms += 23 * HOUR_MS;
  const second = start();
  second.cutShort(CLOSER);
  second.cutShort(CLOSER);
  assert.deepEqual(done.splice(0), ['Log closed again: by=mallory']);
  second.cutShort('D'.repeat(32));
  assert.equal(done.pop(), 'replaced', 'another one may have forgotten why');
  time.ms += HOUR_MS;
  start().cutShort(CLOSER);
  assert.equal(done.pop(), 'replaced');
});

test('one that a member has more of ends only where that is proven', (t) => {
  const { done, start } = world(t);
  const life = start();
  life.ownLengthTold(2, false);
  life.ownLengthTold(1, true);
  assert.deepEqual(done, []);
  life.ownLengthTold(2, true);
  life.ownLengthTold(3, true);
  life.forked({ incarnationId: INCARNATION as IncarnationId, after: 1 });
  assert.deepEqual(done, ['a member has more of the log of this KMA than it has itself', 'replaced']);
});

test('that a log was cut short and by whom are written in one transaction: a crash between them would cost a life a day', (t) => {
  const { store, done, start } = world(t);
  let transactions = 0;
  const transaction = store.transaction.bind(store);
  store.transaction = (work, makeRoom) => {
    transactions += 1;
    return transaction(work, makeRoom);
  };
  start().cutShort(CLOSER);
  assert.deepEqual([transactions, done.length], [1, 2]);
});

test('one whose row of closers an earlier version wrote as an array goes on', (t) => {
  const { store, done, start } = world(t);
  store.transaction(() => store.setLocal('logClosers', JSON.stringify([CLOSER])));
  start().cutShort(CLOSER);
  assert.equal(done.pop(), 'replaced');
});
