/** Which root key material a lost KMA may know. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, event, type Fact } from './facts.ts';
import { FoldingWorld, LIFE, madeLife, OTHER_LIFE } from './folding.fixture.ts';
import type { IncarnationId, KmaId, ObjectId, RootEpochId } from './ids.ts';
import { lifeOfNow } from './life.ts';
import { livingKmas } from './members.ts';
import { lostAtMs, lostKmas, mayKnowRoot } from './root-epochs.ts';
import { hlcMs } from './stamp.ts';

const [KMA, LOST] = ['KMA' as KmaId, 'LOST' as KmaId];
const kma = (id: KmaId, name: string) => created('kma', id, { name, createdAt: 1, number: 1 });
const gone = (id: KmaId, removedHow: 'lost' | 'retired') => event('kma', id, 'removed', { removedHow });
const split = (rootEpochId: string): Fact =>
  created('key_split', `split of ${rootEpochId}`, {
    rootEpochId: rootEpochId as RootEpochId,
    threshold: 1,
    size: 1,
    namesJson: '[]',
    objectId: 'O' as ObjectId,
    objectSha256: 'AA',
    createdAt: 1,
  });
const copy = (rootEpochId: string, incarnationId: IncarnationId): Fact =>
  created('root_copy', `${rootEpochId} ${incarnationId}`, {
    rootEpochId: rootEpochId as RootEpochId,
    incarnationId,
    objectId: 'C' as ObjectId,
    objectSha256: 'AA',
  });

function world() {
  const found = new FoldingWorld();
  found.fold(
    kma(KMA, 'kma-1'),
    kma(LOST, 'kma-2'),
    madeLife(LIFE, KMA),
    madeLife(OTHER_LIFE, LOST),
    split('R0'),
  );
  return found;
}
const lostIn = ({ state }: FoldingWorld) => lostKmas(state)[0] ?? assert.fail('none is lost');

test('a KMA that is retired is not lost', () => {
  const retired = world();
  retired.fold(gone(LOST, 'retired'));
  assert.deepEqual(lostKmas(retired.state), []);
});

test('a lost KMA knows what was before, and not what was made because of its loss', () => {
  const after = world();
  after.fold(gone(LOST, 'lost'), split('R1'), copy('R1', LIFE));
  assert.equal(mayKnowRoot(after.state, lostIn(after), 'R0'), true);
  assert.equal(mayKnowRoot(after.state, lostIn(after), 'R1'), false);
  assert.equal(mayKnowRoot(after.state, lostIn(after), 'R9'), true, 'nobody knows where that comes from');
});

test('it knows what the other side of a cut network gave it, though that was made later', () => {
  const crossed = world();
  crossed.fold(gone(LOST, 'lost'), split('R1'));
  crossed.fold(split('R2'), copy('R2', OTHER_LIFE));
  assert.equal(mayKnowRoot(crossed.state, lostIn(crossed), 'R2'), true);
});

test('the life of now is the last that began and goes on', () => {
  const later = 'C3C3C3C3C3C3C3C3' as IncarnationId;
  const lives = world();
  lives.fold(madeLife(later, KMA));
  assert.equal(lifeOfNow(lives.state, KMA)?.id, later);
  lives.fold(event('incarnation', later, 'ended', { endedAt: 1 }));
  assert.equal(lifeOfNow(lives.state, KMA)?.id, LIFE);
  assert.equal(lifeOfNow(lives.state, 'NOBODY'), undefined);
});

test('losses are told in their order, with their times, and what lives is told apart', () => {
  const [first, second] = ['X1' as KmaId, 'X0' as KmaId];
  const lost = world();
  lost.fold(kma(first, 'kma-3'), kma(second, 'kma-4'));
  lost.fold(gone(first, 'lost'));
  const stamp = lost.fold(gone(second, 'lost'));
  assert.deepEqual(
    lostKmas(lost.state).map(({ id }) => id),
    [first, second],
  );
  assert.deepEqual(lostKmas(lost.state).map(lostAtMs).at(-1), hlcMs(stamp));
  assert.deepEqual(
    livingKmas(lost.state).map(({ id }) => id),
    [KMA, LOST],
  );
  assert.equal(lostAtMs(livingKmas(lost.state)[0] ?? assert.fail()), null);
});

test('root key material that was split again is as old as its first split', () => {
  const again = world();
  again.fold(gone(LOST, 'lost'), split('R1'));
  again.fold({ ...split('R1'), id: 'second split of R1' });
  assert.equal(mayKnowRoot(again.state, lostIn(again), 'R1'), false);
});
