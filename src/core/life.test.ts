/** Of a life its own word counts, and before it that of who admitted it; of the lives of a KMA the last that goes on. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, event } from './facts.ts';
import { FoldingWorld, LIFE, madeLife, OTHER_LIFE } from './folding.fixture.ts';
import type { IncarnationId, KmaId } from './ids.ts';
import { isNotBegun, kmaOfLife, lifeOfNow, logKeyOfLife, replicationKeyOfLife } from './life.ts';
import { hasOrHadOthers, isAlone, isOnlyOneThatLived, livingKmas, otherKmas } from './members.ts';
import { membersOfBefore } from './members-of-before.ts';

const ME = 'ME' as KmaId;
const YOU = 'YOU' as KmaId;

const member = (id: KmaId, number: number) => created('kma', id, { name: id, createdAt: 1, number });

const admitted = (id: IncarnationId, admittedKmaId: KmaId) =>
  event('incarnation', id, 'admitted', {
    admittedKmaId,
    admittedLogPublicKey: 'LOG',
    admittedReplicationKey: 'REPLICATION',
  });

test('before its log has come a life is what who admitted it said, and afterwards what it says itself', () => {
  const { state, fold } = bound();
  fold(admitted(OTHER_LIFE, YOU));
  const known = state.get('incarnation', OTHER_LIFE);
  assert.ok(known);
  assert.deepEqual(
    [kmaOfLife(known), logKeyOfLife(known), replicationKeyOfLife(known), isNotBegun(known, YOU)],
    [YOU, 'LOG', 'REPLICATION', true],
  );
  assert.ok(!isNotBegun(known, ME));
  fold(madeLife(OTHER_LIFE, YOU));
  const begun = state.get('incarnation', OTHER_LIFE);
  assert.ok(begun && !isNotBegun(begun, YOU));
  assert.deepEqual([kmaOfLife(begun), logKeyOfLife(begun), replicationKeyOfLife(begun)], [YOU, '', '']);
});

test('the life of now is the last that has begun and has not ended', () => {
  const { state, fold } = bound();
  assert.equal(lifeOfNow(state, YOU), undefined);
  fold(madeLife(LIFE, YOU));
  fold(madeLife(OTHER_LIFE, YOU));
  assert.equal(lifeOfNow(state, YOU)?.id, OTHER_LIFE);
  fold(admitted('C3C3C3C3C3C3C3C3' as IncarnationId, YOU));
  assert.equal(lifeOfNow(state, YOU)?.id, OTHER_LIFE);
});

test('a KMA is alone until another one is entered, and has had others for good', () => {
  const { state, fold } = bound();
  fold(member(ME, 1), madeLife(LIFE, ME));
  assert.ok(isAlone(state, ME) && !hasOrHadOthers(state, ME) && isOnlyOneThatLived(state, ME));
  fold(member(YOU, 2));
  assert.ok(!isAlone(state, ME) && isOnlyOneThatLived(state, ME));
  assert.deepEqual([livingKmas(state).length, otherKmas(state, ME).map(({ id }) => id)], [2, [YOU]]);
  fold(madeLife(OTHER_LIFE, YOU));
  assert.ok(!isOnlyOneThatLived(state, ME));
  fold(event('kma', YOU, 'removed', { removedHow: 'retired' }));
  assert.ok(isAlone(state, ME) && hasOrHadOthers(state, ME));
});

test('who leads a life of another cluster epoch is of the cluster of before', () => {
  const { state, fold } = bound();
  fold(member(ME, 1), member(YOU, 2), madeLife(LIFE, ME), madeLife(OTHER_LIFE, YOU));
  const self = { kmaId: ME, incarnationId: LIFE };
  assert.deepEqual(membersOfBefore(state, self), []);
  const restored = { kmaId: ME, incarnationId: 'C3C3C3C3C3C3C3C3' };
  assert.deepEqual(
    membersOfBefore(state, restored).map(({ id }) => id),
    [YOU],
  );
});

function bound() {
  const world = new FoldingWorld();
  return { state: world.state, fold: world.fold.bind(world) };
}
