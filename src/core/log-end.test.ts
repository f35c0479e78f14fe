/** The log of a removed member ends where that other member ends who had the most of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, event, removed, set } from './facts.ts';
import { FoldingWorld, LIFE, madeLife, OTHER_LIFE } from './folding.fixture.ts';
import type { IncarnationId, KmaId } from './ids.ts';
import { cutShort, hasMoreToSay, isCutShort, logLimit } from './log-end.ts';
import { hlc } from './stamp.ts';

const end = (by: IncarnationId, length: number) =>
  created('log_end', `${LIFE}:${by}`, { incarnationId: LIFE, byIncarnationId: by, length });

test('the log of a member goes on', () => {
  const world = new FoldingWorld();
  assert.equal(logLimit(world.state, LIFE, 3), null);
  world.fold(created('kma', 'KMA', { name: 'a', createdAt: 1, number: 1 }), madeLife(LIFE));
  assert.equal(logLimit(world.state, LIFE, 3), null);
});

test('of a removed member nothing more is taken until a member says that it had more; the most counts', () => {
  const world = new FoldingWorld();
  world.fold(
    created('kma', 'KMA', { name: 'a', createdAt: 1, number: 1 }),
    madeLife(LIFE),
    removed('kma', 'KMA'),
  );
  assert.equal(logLimit(world.state, LIFE, 3), 3);
  world.fold(end(OTHER_LIFE, 5));
  assert.equal(logLimit(world.state, LIFE, 3), 5);
  world.fold(end('C3C3C3C3C3C3C3C3' as IncarnationId, 4));
  assert.equal(logLimit(world.state, LIFE, 3), 5);
  assert.equal(logLimit(world.state, LIFE, 9), 9);
  assert.equal(logLimit(world.state, OTHER_LIFE, 3), null);
});

test('the log of a life that nobody knows ends where a member says so', () => {
  const world = new FoldingWorld();
  assert.equal(logLimit(world.state, OTHER_LIFE, 3), null);
  world.fold(end(OTHER_LIFE, 5));
  assert.equal(logLimit(world.state, LIFE, 3), 5);
});

test('a member whose log was closed although nobody removed it is named, with who began it', () => {
  const world = new FoldingWorld();
  const other = madeLife(OTHER_LIFE, 'OTHER' as KmaId);
  world.fold(created('kma', 'KMA', { name: 'a', createdAt: 1, number: 1 }), madeLife(LIFE), other);
  const told = () => cutShort(world.state).map(({ kma, byKmaId }) => [kma.name, byKmaId]);
  assert.deepEqual(told(), []);
  world.fold(end(OTHER_LIFE, 5));
  world.fold(end(LIFE, 5));
  assert.deepEqual(told(), [['a', 'OTHER']]);
  world.fold(event('kma', 'KMA', 'removed', { removedHow: 'retired' }));
  assert.deepEqual(told(), []);
});

test('a KMA that nobody has removed is cut short where others end its log before its last entry', () => {
  const world = new FoldingWorld();
  const other = madeLife(OTHER_LIFE, 'OTHER' as KmaId);
  world.fold(created('kma', 'KMA', { name: 'a', createdAt: 1, number: 1 }), madeLife(LIFE), other);
  const cut = (length: number) => isCutShort(world.state, { kmaId: 'KMA', incarnationId: LIFE }, length);
  assert.equal(cut(6), false);
  world.fold(end(OTHER_LIFE, 5));
  assert.deepEqual([cut(5), cut(6)], [false, true]);
  world.fold(event('kma', 'KMA', 'removed', { removedHow: 'lost' }));
  assert.equal(cut(6), false, 'it has to join again');
});

test('who closed it may be unknown, and what has no life has no log', () => {
  const world = new FoldingWorld();
  world.fold(created('kma', 'KMA', { name: 'a', createdAt: 1, number: 1 }));
  assert.deepEqual(cutShort(world.state), []);
  world.fold(madeLife(LIFE), end(OTHER_LIFE, 5));
  assert.deepEqual(
    cutShort(world.state).map(({ byKmaId }) => byKmaId),
    [null],
  );
});

test('of several who closed it the first one began, whatever their order', () => {
  const world = new FoldingWorld();
  const [B, C] = ['B' as KmaId, 'C' as KmaId];
  const third = 'C3C3C3C3C3C3C3C3' as IncarnationId;
  world.fold(created('kma', 'KMA', { name: 'a', createdAt: 1, number: 1 }), madeLife(LIFE));
  world.fold(madeLife(OTHER_LIFE, B), madeLife(third, C));
  world.foldAt(hlc(90, 0), OTHER_LIFE, end(OTHER_LIFE, 5));
  world.foldAt(hlc(80, 0), third, end(third, 5));
  assert.equal(cutShort(world.state)[0]?.byKmaId, C);
});

test('a removed member closes no log of one that goes on; of one that is removed too its word counts', () => {
  const world = new FoldingWorld();
  const other = madeLife(OTHER_LIFE, 'OTHER' as KmaId);
  const kma = (id: string) => created('kma', id, { name: id, createdAt: 1, number: 1 });
  world.fold(kma('KMA'), kma('OTHER'), madeLife(LIFE), other, end(OTHER_LIFE, 5));
  assert.equal(logLimit(world.state, LIFE, 3), 5);
  world.fold(removed('kma', 'OTHER'));
  assert.equal(logLimit(world.state, LIFE, 3), null);
  assert.deepEqual(cutShort(world.state), []);
  world.fold(removed('kma', 'KMA'));
  assert.equal(logLimit(world.state, LIFE, 3), 5);
});

const THIRD_LIFE = 'C3C3C3C3C3C3C3C3' as IncarnationId;

function ofThree(): FoldingWorld {
  const world = new FoldingWorld();
  const kma = (id: string) => created('kma', id, { name: id, createdAt: 1, number: 1 });
  world.fold(kma('KMA'), kma('OTHER'), kma('THIRD'), madeLife(LIFE));
  world.fold(madeLife(OTHER_LIFE, 'OTHER' as KmaId), madeLife(THIRD_LIFE, 'THIRD' as KmaId));
  return world;
}

test('who only followed a removed member closes nothing with it; who was first and goes on still does', () => {
  const world = ofThree();
  world.foldAt(hlc(80, 0), OTHER_LIFE, end(OTHER_LIFE, 5));
  world.foldAt(hlc(90, 0), THIRD_LIFE, end(THIRD_LIFE, 7));
  assert.equal(logLimit(world.state, LIFE, 3), 7);
  world.fold(removed('kma', 'OTHER'));
  assert.equal(logLimit(world.state, LIFE, 3), null);
  assert.deepEqual(cutShort(world.state), []);
  // Once the removal is known that they knew of, all of them count.
  world.fold(removed('kma', 'KMA'));
  assert.equal(logLimit(world.state, LIFE, 3), 7);
});

test('a removed member that came later takes nothing from those before it', () => {
  const world = ofThree();
  world.foldAt(hlc(80, 0), THIRD_LIFE, end(THIRD_LIFE, 7));
  world.foldAt(hlc(90, 0), OTHER_LIFE, end(OTHER_LIFE, 9));
  world.fold(removed('kma', 'OTHER'));
  assert.equal(logLimit(world.state, LIFE, 3), 7);
});

const again = (by: IncarnationId, laterLength: number) => set('log_end', `${LIFE}:${by}`, { laterLength });

/** Whether that life has to say once more how much of LIFE's log it has. */
const isToSayAgain = ({ state }: FoldingWorld, by: IncarnationId, length: number) =>
  hasMoreToSay(state, state.get('log_end', `${LIFE}:${by}`) ?? assert.fail(), length);

test('what is said again counts where it is more, and nobody takes back what he said first', () => {
  const world = ofThree();
  world.fold(removed('kma', 'KMA'), end(OTHER_LIFE, 5), again(OTHER_LIFE, 9));
  assert.equal(logLimit(world.state, LIFE, 3), 9);
  world.foldAt(hlc(90, 0), OTHER_LIFE, again(OTHER_LIFE, 1));
  assert.equal(logLimit(world.state, LIFE, 3), 5);
});

test('without a first word, nothing that is said again closes a log or counts', () => {
  const world = ofThree();
  world.fold(again(OTHER_LIFE, 9));
  assert.equal(logLimit(world.state, LIFE, 3), null);
  world.fold(removed('kma', 'KMA'));
  assert.equal(logLimit(world.state, LIFE, 3), 3);
});

test('of a log that has ended who has more than all have said says so again, once, and nobody else', () => {
  const world = ofThree();
  world.foldAt(hlc(80, 0), OTHER_LIFE, end(OTHER_LIFE, 5));
  world.foldAt(hlc(90, 0), THIRD_LIFE, end(THIRD_LIFE, 7));
  world.fold(removed('kma', 'OTHER'));
  assert.equal(isToSayAgain(world, THIRD_LIFE, 9), false, 'it goes on');
  world.fold(removed('kma', 'KMA'));
  assert.deepEqual(
    [5, 7, 8].map((length) => isToSayAgain(world, OTHER_LIFE, length)),
    [false, false, true],
  );
  world.fold(again(THIRD_LIFE, 9));
  assert.equal(logLimit(world.state, LIFE, 3), 9);
  for (const by of [OTHER_LIFE, THIRD_LIFE]) assert.equal(isToSayAgain(world, by, 9), false);
});

test('whose word counts nothing says it no more often for that', () => {
  const world = ofThree();
  world.foldAt(hlc(80, 0), THIRD_LIFE, end(THIRD_LIFE, 7));
  world.foldAt(hlc(90, 0), OTHER_LIFE, end(OTHER_LIFE, 5));
  world.fold(removed('kma', 'OTHER'), again(OTHER_LIFE, 9));
  assert.equal(logLimit(world.state, LIFE, 3), 7);
  assert.equal(isToSayAgain(world, OTHER_LIFE, 9), false);
});

test('a member that takes back what it said brings one to speak who has more, and then nobody again', () => {
  const world = ofThree();
  world.fold(removed('kma', 'KMA'), end(OTHER_LIFE, 5), again(OTHER_LIFE, 9), end(THIRD_LIFE, 5));
  assert.equal(isToSayAgain(world, THIRD_LIFE, 9), false);
  world.foldAt(hlc(90, 0), OTHER_LIFE, again(OTHER_LIFE, 0));
  assert.equal(isToSayAgain(world, THIRD_LIFE, 9), true);
  world.fold(again(THIRD_LIFE, 9));
  for (const lengthSaid of [9, 0]) {
    world.foldAt(hlc(91, lengthSaid), OTHER_LIFE, again(OTHER_LIFE, lengthSaid));
    assert.equal(isToSayAgain(world, THIRD_LIFE, 9), false);
    assert.equal(logLimit(world.state, LIFE, 3), 9);
  }
});
