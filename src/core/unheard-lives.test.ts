/** What is waited for of a retired member's log before a destruction that it has not confirmed itself is complete. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, event, removed, set } from './facts.ts';
import { FoldingWorld, LIFE, madeLife, OTHER_LIFE } from './folding.fixture.ts';
import type { IncarnationId, KmaId } from './ids.ts';
import { unheardLives } from './unheard-lives.ts';

const GONE = 'C3C3C3C3C3C3C3C3' as IncarnationId;
const HERE = 5;

/** Two members, and one that was retired, of whose log so much is here. */
function worldWithRetired(): FoldingWorld {
  const world = new FoldingWorld();
  for (const [kma, life] of [
    ['KMA', LIFE],
    ['OTHER', OTHER_LIFE],
    ['GONE', GONE],
  ] as const)
    world.fold(created('kma', kma, { name: kma, createdAt: 1, number: 1 }), madeLife(life, kma as KmaId));
  world.fold(
    event('kma', 'GONE', 'removed', { removedHow: 'retired' }),
    event('incarnation', GONE, 'ended', { endedAt: 1 }),
  );
  world.state.putLogLength(GONE, HERE);
  return world;
}
const said = (by: IncarnationId, length: number, of = GONE) =>
  created('log_end', `${of}:${by}`, { incarnationId: of, byIncarnationId: by, length });
const unheard = ({ state }: FoldingWorld) => [...unheardLives(state)];

test('a retired one is heard out once every member has said how much it has, and that much is here', () => {
  const world = worldWithRetired();
  assert.deepEqual(unheard(world), [GONE]);
  world.fold(said(LIFE, HERE));
  assert.deepEqual(unheard(world), [GONE], 'the other one may have more');
  world.fold(said(OTHER_LIFE, HERE + 2));
  assert.deepEqual(unheard(world), [GONE], 'the other one has more');
  world.state.putLogLength(GONE, HERE + 2);
  assert.deepEqual(unheard(world), []);
});

test('what a member says again counts', () => {
  const world = worldWithRetired();
  world.fold(said(LIFE, HERE), said(OTHER_LIFE, HERE - 1));
  assert.deepEqual(unheard(world), []);
  world.fold(set('log_end', `${GONE}:${OTHER_LIFE}`, { laterLength: HERE + 1 }));
  assert.deepEqual(unheard(world), [GONE]);
});

test('nobody waits for one that is removed too, nor for what it has said, nor for one that has not begun', () => {
  const world = worldWithRetired();
  world.fold(said(LIFE, HERE), said(OTHER_LIFE, HERE + 9), removed('kma', 'OTHER'));
  world.fold(created('kma', 'ENTERED', { name: 'entered', createdAt: 1, number: 1 }));
  assert.deepEqual(unheard(world), []);
});

test('a life of now is asked, whatever the one before has said', () => {
  const world = worldWithRetired();
  const now = 'D4D4D4D4D4D4D4D4' as IncarnationId;
  world.fold(said(LIFE, HERE), said(OTHER_LIFE, HERE));
  world.fold(madeLife(now, 'OTHER' as KmaId));
  assert.deepEqual(unheard(world), [GONE]);
  world.fold(said(now, HERE));
  assert.deepEqual(unheard(world), []);
});

test('only of members that are removed, and of lives that have ended, anything is waited for', () => {
  const world = new FoldingWorld();
  world.fold(created('kma', 'KMA', { name: 'KMA', createdAt: 1, number: 1 }), madeLife(LIFE), madeLife(GONE));
  world.fold(event('incarnation', GONE, 'ended', { endedAt: 1 }));
  assert.deepEqual(unheard(world), [], 'before a restore: nobody says anything of it');
  world.fold(created('kma', 'LOST', { name: 'lost', createdAt: 1, number: 1 }));
  world.fold(madeLife(OTHER_LIFE, 'LOST' as KmaId), event('kma', 'LOST', 'removed', { removedHow: 'lost' }));
  assert.deepEqual(unheard(world), []);
});
