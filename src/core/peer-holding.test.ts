/** What counts as held by others: what living lives of other members have confirmed, by the newest life of each. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, event } from './facts.ts';
import { admittedLife, FoldingWorld, LIFE, madeLife, OTHER_LIFE } from './folding.fixture.ts';
import type { IncarnationId, KmaId } from './ids.ts';
import { heldThrough } from './peer-holding.ts';

const [MAKER, OTHER] = ['MAKER' as KmaId, 'OTHER' as KmaId];
const NEXT_LIFE = 'C3C3C3C3C3C3C3C3' as IncarnationId;
const HELD = [{ peer: OTHER_LIFE, seq: 7 }];

function worldOfTwo(): FoldingWorld {
  const world = new FoldingWorld();
  world.fold(
    created('kma', MAKER, { name: 'a', createdAt: 1, number: 1 }),
    created('kma', OTHER, { name: 'b', createdAt: 1, number: 2 }),
    madeLife(LIFE, MAKER),
    madeLife(OTHER_LIFE, OTHER),
  );
  return world;
}

test('the most that another member has confirmed counts', () => {
  const { state } = worldOfTwo();
  assert.equal(heldThrough(state, LIFE, []), 0);
  assert.equal(heldThrough(state, LIFE, HELD), 7);
  assert.equal(heldThrough(state, LIFE, [...HELD, { peer: NEXT_LIFE, seq: 9 }]), 7, 'nobody knows that life');
});

test('of a log that nobody knows nothing is held, nor by the KMA that made the keys', () => {
  const { state } = worldOfTwo();
  assert.equal(heldThrough(state, NEXT_LIFE, HELD), 0);
  assert.equal(heldThrough(state, LIFE, [{ peer: LIFE, seq: 9 }]), 0);
});

test('a life that is over, admitted only, or of a member that is gone holds nothing', () => {
  const ended = worldOfTwo();
  ended.fold(event('incarnation', OTHER_LIFE, 'ended', { endedAt: 1 }));
  assert.equal(heldThrough(ended.state, LIFE, HELD), 0);
  const admitted = worldOfTwo();
  admitted.fold(admittedLife(NEXT_LIFE, OTHER));
  assert.equal(heldThrough(admitted.state, LIFE, [{ peer: NEXT_LIFE, seq: 9 }]), 0);
  const gone = worldOfTwo();
  gone.fold(event('kma', OTHER, 'removed', { removedHow: 'retired' }));
  assert.equal(heldThrough(gone.state, LIFE, HELD), 0);
});

test('a later life of that member began with another store, so what the earlier one confirmed is over', () => {
  const world = worldOfTwo();
  world.fold(madeLife(NEXT_LIFE, OTHER));
  assert.equal(heldThrough(world.state, LIFE, HELD), 0);
  assert.equal(heldThrough(world.state, LIFE, [...HELD, { peer: NEXT_LIFE, seq: 3 }]), 3);
});
