/** A core learns that its KMA is no member any more, by its own row and from others, keeps it through restarts, and learns that it is one again. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { created, event, type Fact, set } from '../../core/facts.ts';
import type { KmaId, ObjectId } from '../../core/ids.ts';
import type { Absence } from '../../core/membership.ts';
import { hlc, stampOf } from '../../core/stamp.ts';
import { INCARNATION, temporaryStore } from '../../store/store.fixture.ts';
import { Membership } from './membership.ts';

const KMA = 'A'.repeat(32) as KmaId;

function known(t: TestContext) {
  const { store } = temporaryStore(t);
  let ms = 1_000;
  const write = (...facts: Fact[]) => {
    ms += 1;
    const stamp = stampOf(hlc(ms, 0), INCARNATION);
    store.transaction(() => store.appendEntry(INCARNATION, { v: 1, stamp, operation: 'Test', facts }));
  };
  write(created('kma', KMA, { name: 'a', createdAt: 1, number: 1 }));
  const events: (Absence | 'back')[] = [];
  const start = () => {
    const membership = new Membership(
      store,
      { kmaId: KMA },
      { left: (why) => events.push(why), back: () => events.push('back'), looked: () => undefined },
    );
    membership.look();
    return membership;
  };
  return { start, write, events };
}

test('what a member says is kept through a restart, told once each time, and ends when one lets it in', (t) => {
  const { start, events } = known(t);
  start().told('logged-out');
  const membership = start();
  membership.told('logged-out');
  assert.equal(membership.absence, 'logged-out');
  membership.welcome();
  membership.welcome();
  assert.equal(membership.absence, null);
  assert.equal(start().absence, null);
  assert.deepEqual(events, ['logged-out', 'logged-out', 'back']);
});

test('its own row counts more than what others say', (t) => {
  const { start, write, events } = known(t);
  const membership = start();
  write(set('kma', KMA, { verifierObjectId: 'N'.repeat(32) as ObjectId }));
  membership.look();
  membership.welcome();
  assert.equal(membership.absence, 'logged-out');
  write(set('kma', KMA, { certificateVerifierObjectId: 'N'.repeat(32) as ObjectId }));
  membership.look();
  assert.equal(membership.absence, null);
  write(event('kma', KMA, 'removed', { removedHow: 'lost' }));
  membership.look();
  membership.welcome();
  assert.equal(start().absence, 'lost');
  assert.deepEqual(events, ['logged-out', 'back', 'lost', 'lost']);
});
