/** Whoever made the key split is gone where it is removed, not where nothing is known of it yet; which split opens here, and which objects of replaced ones stay. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, event, removed } from './facts.ts';
import { FoldingWorld, LIFE, madeLife, madeSplit } from './folding.fixture.ts';
import type { KeySplitId, KmaId, ObjectId, RootEpochId } from './ids.ts';
import { isMakerGone, keptSplitObjects, keySplitAt, replacedSplitObjects } from './key-split-standing.ts';
import { isOfRemoved, kmaOfIncarnation } from './life.ts';
import { settingFact } from './settings.ts';

const MAKER = 'MAKER' as KmaId;

test('the maker of a key split is gone once it is removed', () => {
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
  const isGone = () => {
    const split = world.state.get('key_split', 'SPLIT');
    assert.ok(split !== undefined);
    return isMakerGone(world.state, split);
  };
  assert.deepEqual([kmaOfIncarnation(world.state, LIFE), isGone()], [null, false]);
  world.fold(madeLife(LIFE, MAKER));
  assert.equal(kmaOfIncarnation(world.state, LIFE), MAKER);
  // Its entry is in the log of who let it in, which may come later.
  assert.equal(isGone(), false);
  world.fold(created('kma', MAKER, { name: 'a', createdAt: 1, number: 1 }));
  assert.deepEqual([isGone(), isOfRemoved(world.state, LIFE)], [false, false]);
  world.fold(removed('kma', MAKER));
  assert.deepEqual([isGone(), isOfRemoved(world.state, LIFE)], [true, true]);
});

test('a key split whose making has not come has no maker that could be gone', () => {
  const world = new FoldingWorld();
  world.fold(event('key_split', 'SPLIT', 'retired', { retiredAt: 1 }));
  const split = world.state.get('key_split', 'SPLIT');
  assert.ok(split !== undefined && !isMakerGone(world.state, split));
});

test('objects of replaced key splits stay until all of the current one is here, the newest of which opens meanwhile', () => {
  const world = new FoldingWorld();
  const replace = (id: string, before: string) =>
    world.fold(
      madeSplit(id),
      event('key_split', before, 'retired', { retiredAt: 2 }),
      settingFact('currentKeySplitId', id as KeySplitId),
    );
  const here = new Set(['OBJECT-ONE', 'OBJECT-TWO', 'OBJECT-OTHER']);
  const has = (id: string) => here.has(id);
  const standing = () => ({
    opens: keySplitAt(world.state, has)?.id,
    kept: keptSplitObjects(world.state, has),
    gone: replacedSplitObjects(world.state, has),
  });
  assert.deepEqual(standing(), { opens: undefined, kept: [], gone: [] });
  world.fold(madeSplit('ONE'), settingFact('currentKeySplitId', 'ONE' as KeySplitId));
  replace('TWO', 'ONE');
  assert.deepEqual(standing(), { opens: 'TWO', kept: [], gone: ['OBJECT-ONE'] });
  replace('THREE', 'TWO');
  // Of one whose making has not come nothing is known.
  world.fold(event('key_split', 'UNKNOWN', 'retired', { retiredAt: 2 }));
  assert.deepEqual(standing(), { opens: 'TWO', kept: ['OBJECT-ONE', 'OBJECT-TWO'], gone: [] });
  here.clear();
  assert.deepEqual(standing(), { opens: 'THREE', kept: [], gone: [] });
  for (const id of ['OBJECT-TWO', 'OBJECT-THREE']) here.add(id);
  assert.deepEqual(standing(), { opens: 'THREE', kept: [], gone: ['OBJECT-TWO'] });
});
