/** Whoever made the key split is gone where it is removed, or leaves now; not where nothing is known of it yet. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, event, removed } from './facts.ts';
import { FoldingWorld, LIFE, madeLife } from './folding.fixture.ts';
import type { KmaId, ObjectId, RootEpochId } from './ids.ts';
import { isMakerGone } from './key-split-standing.ts';
import { isOfRemoved, kmaOfIncarnation } from './life.ts';

const MAKER = 'MAKER' as KmaId;

test('the maker of a key split is gone once it is removed, or where it is the one that leaves', () => {
  const world = new FoldingWorld();
  world.fold(
    created('key_split', 'SPLIT', {
      rootEpochId: 'ROOT' as RootEpochId,
      threshold: 2,
      size: 3,
      namesJson: '[]',
      objectId: 'OBJECT' as ObjectId,
      objectSha256: 'AA',
      createdAt: 1,
    }),
  );
  const isGone = (leaving: KmaId | null = null) => {
    const split = world.state.get('key_split', 'SPLIT');
    assert.ok(split !== undefined);
    return isMakerGone(world.state, split, leaving);
  };
  assert.deepEqual([kmaOfIncarnation(world.state, LIFE), isGone(), isGone(MAKER)], [null, false, false]);
  world.fold(madeLife(LIFE, MAKER));
  assert.equal(kmaOfIncarnation(world.state, LIFE), MAKER);
  // Its entry is in the log of who let it in, which may come later.
  assert.deepEqual([isGone(), isGone('OTHER' as KmaId), isGone(MAKER)], [false, false, true]);
  world.fold(created('kma', MAKER, { name: 'a', createdAt: 1, number: 1 }));
  assert.deepEqual([isGone(), isOfRemoved(world.state, LIFE)], [false, false]);
  world.fold(removed('kma', MAKER));
  assert.deepEqual([isGone(), isOfRemoved(world.state, LIFE)], [true, true]);
});

test('a key split whose making has not come has no maker that could be gone', () => {
  const world = new FoldingWorld();
  world.fold(event('key_split', 'SPLIT', 'retired', { retiredAt: 1 }));
  const split = world.state.get('key_split', 'SPLIT');
  assert.ok(split !== undefined && !isMakerGone(world.state, split, MAKER));
});
