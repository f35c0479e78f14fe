/** Where the object of the current key split can still come from: its maker while that is a member, then every other member that has not just said that it has none; persons of the split before have a say in the next only where nobody is left. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, event, removed } from './facts.ts';
import { admittedLife, FoldingWorld, LIFE, madeLife, OTHER_LIFE } from './folding.fixture.ts';
import type { IncarnationId, KeySplitId, KmaId, MasterEpochId, ObjectId, RootEpochId } from './ids.ts';
import { unretiredSplits } from './key-split-standing.ts';
import { missingSplit, splitToChange, splitToRenew } from './missing-split.ts';
import { settingFact } from './settings.ts';
import { hlc } from './stamp.ts';

const [SELF, MAKER, OTHER] = ['SELF', 'MAKER', 'OTHER'] as [KmaId, KmaId, KmaId];
const LIFE_OF_OTHER = 'C3C3C3C3C3C3C3C3' as IncarnationId;
const madeSplit = (id: string) =>
  created('key_split', id, {
    rootEpochId: 'ROOT' as RootEpochId,
    threshold: 2,
    size: 3,
    namesJson: '[]',
    objectId: `OBJECT-${id}` as ObjectId,
    objectSha256: 'AA',
    createdAt: 1,
  });
const change = (id: string, replaces: string) => [
  madeSplit(id),
  event('key_split', replaces, 'retired', { retiredAt: 2 }),
  settingFact('currentKeySplitId', id as KeySplitId),
];
const kma = (id: KmaId, number: number) => created('kma', id, { name: id, createdAt: 1, number });

/** FIRST is here; MAKER has changed it to SECOND, whose object is not. */
function changedElsewhere() {
  const world = new FoldingWorld();
  const { state } = world;
  world.fold(madeSplit('FIRST'), settingFact('currentKeySplitId', 'FIRST' as KeySplitId));
  world.fold(kma(SELF, 1), kma(MAKER, 2), kma(OTHER, 3), madeLife(OTHER_LIFE, MAKER));
  world.foldAt(hlc(1_000, 0), OTHER_LIFE, ...change('SECOND', 'FIRST'));
  const here = new Set(['OBJECT-FIRST']);
  const saidNo = new Map<string, string[]>();
  const search = {
    state,
    has: (id: string) => here.has(id),
    kmaId: SELF,
    lacking: (kmaId: string, objectId: string) =>
      new Set(objectId === 'OBJECT-SECOND' ? (saidNo.get(kmaId) ?? []) : []),
  };
  const changedBy = () => splitToChange(search)?.id;
  return { world, state, search, here, saidNo, changedBy };
}

test('while its maker is a member nobody else changes it, whatever the others say', () => {
  const { world, search, saidNo, changedBy } = changedElsewhere();
  world.fold(madeLife(LIFE_OF_OTHER, OTHER));
  saidNo.set(MAKER, [OTHER_LIFE]).set(OTHER, [LIFE_OF_OTHER]);
  assert.deepEqual([missingSplit(search), changedBy()], [{ at: 'maker', kmaId: MAKER }, 'SECOND']);
  assert.deepEqual(missingSplit(search, MAKER), { at: 'nobody' }, 'it is the one that leaves');
});

test('once its maker is removed, every member that may have it has to say that it has not', () => {
  const { world, search, saidNo, changedBy } = changedElsewhere();
  world.fold(madeLife(LIFE_OF_OTHER, OTHER));
  world.fold(removed('kma', MAKER));
  assert.deepEqual([missingSplit(search), changedBy()], [{ at: 'others', kmaIds: [OTHER] }, 'SECOND']);
  saidNo.set(OTHER, [LIFE_OF_OTHER]);
  assert.deepEqual([missingSplit(search), changedBy()], [{ at: 'nobody' }, 'FIRST']);
  saidNo.clear();
  world.fold(removed('kma', OTHER));
  assert.deepEqual([missingSplit(search), changedBy()], [{ at: 'nobody' }, 'FIRST']);
});

test('a KMA that is entered has nothing, and one that was let in may have got a copy', () => {
  const { world, search, saidNo } = changedElsewhere();
  world.fold(removed('kma', MAKER));
  assert.deepEqual(missingSplit(search), { at: 'nobody' });
  world.fold(admittedLife(LIFE_OF_OTHER, OTHER));
  assert.deepEqual(missingSplit(search), { at: 'others', kmaIds: [OTHER] });
  saidNo.set(OTHER, [LIFE_OF_OTHER]);
  assert.deepEqual(missingSplit(search), { at: 'nobody' });
});

test('the life counts that a KMA began last: the store of an earlier one, or of a copy, says nothing of it', () => {
  const { world, search, saidNo } = changedElsewhere();
  const [later, ended] = ['D4D4D4D4D4D4D4D4', 'E5E5E5E5E5E5E5E5'] as [IncarnationId, IncarnationId];
  world.fold(madeLife(later, OTHER));
  world.foldAt(hlc(1, 0), LIFE, madeLife(LIFE_OF_OTHER, OTHER));
  world.fold(madeLife(ended, OTHER));
  world.fold(event('incarnation', ended, 'ended', { endedAt: 1 }), removed('kma', MAKER));
  saidNo.set(OTHER, [LIFE_OF_OTHER]);
  assert.deepEqual(missingSplit(search), { at: 'others', kmaIds: [OTHER] });
  saidNo.set(OTHER, [later, LIFE_OF_OTHER]);
  assert.deepEqual(missingSplit(search), { at: 'nobody' });
});

test('new root key material is split among the persons of before only where nobody is left who may have the split of today', () => {
  const { world, search, here, saidNo } = changedElsewhere();
  const like = (leaving: KmaId | null = null) => splitToRenew(search, leaving)?.splitLike.id;
  world.fold(madeLife(LIFE_OF_OTHER, OTHER));
  assert.deepEqual([like(), like(MAKER)], [undefined, undefined]);
  saidNo.set(OTHER, [LIFE_OF_OTHER]);
  assert.deepEqual([like(), like(MAKER)], [undefined, 'FIRST']);
  here.add('OBJECT-SECOND');
  assert.deepEqual([like(), splitToRenew(search, null)?.replaces.id], ['SECOND', 'SECOND']);
  here.clear();
  assert.equal(like(), undefined, 'nothing is here that it could be split like');
});

test('where only master keys are missing that were wrapped with it, its maker alone could bring them', () => {
  const { world, search, here } = changedElsewhere();
  const wrap = created('master_wrap', 'MASTER:ROOT', {
    masterEpochId: 'MASTER' as MasterEpochId,
    rootEpochId: 'ROOT' as RootEpochId,
    objectId: 'WRAP' as ObjectId,
    objectSha256: 'AA',
  });
  world.foldAt(hlc(1_100, 0), OTHER_LIFE, ...change('THIRD', 'SECOND'), wrap);
  here.add('OBJECT-THIRD');
  const like = () => splitToRenew(search, null)?.splitLike.id;
  assert.deepEqual([missingSplit(search), like()], [null, undefined]);
  world.fold(removed('kma', MAKER));
  assert.equal(like(), 'FIRST');
});

test('nothing is missing once it is here, nor before there is a key split', () => {
  const { world, search, here, changedBy } = changedElsewhere();
  world.fold(removed('kma', MAKER));
  here.add('OBJECT-SECOND');
  assert.deepEqual([missingSplit(search), changedBy()], [null, 'SECOND']);
  const empty = { ...search, state: new FoldingWorld().state };
  assert.deepEqual([missingSplit(empty), splitToChange(empty)], [null, undefined]);
});

test('a split whose making has not come has no maker, and is not taken for lost', () => {
  const { world, search } = changedElsewhere();
  world.foldAt(hlc(2_000, 0), 'C3C3C3C3C3C3C3C3' as IncarnationId, ...change('THIRD', 'SECOND'));
  assert.deepEqual(missingSplit(search), { at: 'maker', kmaId: null });
});

test('of splits made on two sides of a cut network those that did not prevail wait to be retired', () => {
  const { world, state } = changedElsewhere();
  const waiting = () => unretiredSplits(state).map(({ id }) => id);
  assert.deepEqual(waiting(), []);
  world.foldAt(hlc(900, 0), LIFE, ...change('CROSSING', 'FIRST'));
  assert.deepEqual(waiting(), ['CROSSING']);
  world.foldAt(hlc(1_100, 0), OTHER_LIFE, event('key_split', 'UNKNOWN', 'retired', { retiredAt: 1 }));
  assert.deepEqual(waiting(), ['CROSSING']);
  world.foldAt(hlc(1_200, 0), LIFE, event('key_split', 'CROSSING', 'retired', { retiredAt: 3 }));
  assert.deepEqual(waiting(), []);
  assert.deepEqual(unretiredSplits(new FoldingWorld().state), []);
});

test('of very many that a member wrote a hundred are retired with one change: those that are here, and the newest', () => {
  const { world, state } = changedElsewhere();
  for (let n = 0; n < 300; n++)
    world.foldAt(hlc(100 + n, 0), LIFE, madeSplit(`FLOOD-${String(n).padStart(3, '0')}`));
  const ids = unretiredSplits(state, (id) => id === 'OBJECT-FLOOD-007').map(({ id }) => id);
  assert.deepEqual([ids.length, ids[0], ids[1], ids.at(-1)], [100, 'FLOOD-007', 'FLOOD-299', 'FLOOD-201']);
});
