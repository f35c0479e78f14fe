/** Where the object of the current key split can still come from: its maker while that is a member, then every other member that has not just said that it has none; persons of the split before have a say in the next only where nobody is left. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, event, removed } from './facts.ts';
import { admittedLife, FoldingWorld, LIFE, madeLife, madeSplit, OTHER_LIFE } from './folding.fixture.ts';
import type { IncarnationId, KeySplitId, KmaId, MasterEpochId, ObjectId, RootEpochId } from './ids.ts';
import { unretiredSplits } from './key-split-standing.ts';
import {
  missingSplit,
  SOUGHT_MAX,
  type SplitSearch,
  soughtObjects,
  splitToChange,
  splitToRenew,
} from './missing-split.ts';
import { settingFact } from './settings.ts';
import { hlc } from './stamp.ts';

const [SELF, MAKER, OTHER] = ['SELF', 'MAKER', 'OTHER'] as [KmaId, KmaId, KmaId];
const LIFE_OF_OTHER = 'C3C3C3C3C3C3C3C3' as IncarnationId;
const LIFE_OF_FOURTH = 'F6F6F6F6F6F6F6F6' as IncarnationId;
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
  const askedFor = new Set(['OBJECT-SECOND']);
  const search = {
    state,
    has: (id: string) => here.has(id),
    kmaId: SELF,
    lacking: (kmaId: string, objectId: string) =>
      new Set(askedFor.has(objectId) ? (saidNo.get(kmaId) ?? []) : []),
  };
  const changedBy = () => splitToChange(search)?.id;
  return { world, state, search, here, saidNo, askedFor, changedBy };
}

test('while its maker is a member nobody else changes it, whatever the others say', () => {
  const { world, search, saidNo, changedBy } = changedElsewhere();
  world.fold(madeLife(LIFE_OF_OTHER, OTHER));
  saidNo.set(MAKER, [OTHER_LIFE]).set(OTHER, [LIFE_OF_OTHER]);
  assert.deepEqual([missingSplit(search), changedBy()], [{ at: 'maker', kmaId: MAKER }, 'SECOND']);
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
  const like = () => splitToRenew(search)?.splitLike.id;
  world.fold(madeLife(LIFE_OF_OTHER, OTHER));
  saidNo.set(OTHER, [LIFE_OF_OTHER]);
  assert.equal(
    like(),
    undefined,
    'also where its maker is about to be removed: another one may get it from there yet',
  );
  world.fold(removed('kma', MAKER));
  assert.equal(like(), 'FIRST');
  saidNo.clear();
  assert.equal(like(), undefined);
  here.add('OBJECT-SECOND');
  assert.deepEqual([like(), splitToRenew(search)?.replaces.id], ['SECOND', 'SECOND']);
  here.clear();
  assert.equal(like(), undefined, 'nothing is here that it could be split like');
});

test('where only master keys are missing that were wrapped with it, others may have those, and the split before it', () => {
  const { world, search, here, saidNo, askedFor } = changedElsewhere();
  const wrap = created('master_wrap', 'MASTER:ROOT', {
    masterEpochId: 'MASTER' as MasterEpochId,
    rootEpochId: 'ROOT' as RootEpochId,
    objectId: 'WRAP' as ObjectId,
    objectSha256: 'AA',
  });
  world.fold(madeLife(LIFE_OF_OTHER, OTHER));
  world.foldAt(hlc(1_100, 0), OTHER_LIFE, ...change('THIRD', 'SECOND'), wrap);
  here.add('OBJECT-THIRD');
  const like = () => splitToRenew(search)?.splitLike.id;
  assert.deepEqual([missingSplit(search), like()], [null, undefined]);
  world.fold(removed('kma', MAKER));
  saidNo.set(OTHER, [LIFE_OF_OTHER]);
  assert.deepEqual(soughtObjects(search.state, search.has), ['WRAP', 'OBJECT-SECOND']);
  assert.equal(like(), undefined, 'it may have what was wrapped with it');
  askedFor.add('WRAP');
  assert.equal(like(), 'FIRST');
  askedFor.delete('OBJECT-SECOND');
  assert.equal(like(), undefined, 'it may have the split before, which is later than what is here');
});

/** SECOND has left somebody out; THIRD, which is lost, was made from it by another one. */
function chain() {
  const changed = changedElsewhere();
  const { world, saidNo } = changed;
  const fourth = 'FOURTH' as KmaId;
  world.fold(madeLife(LIFE_OF_OTHER, OTHER), kma(fourth, 4), madeLife(LIFE_OF_FOURTH, fourth));
  world.foldAt(hlc(1_100, 0), LIFE_OF_FOURTH, ...change('THIRD', 'SECOND'));
  changed.askedFor.add('OBJECT-THIRD');
  saidNo.set(OTHER, [LIFE_OF_OTHER]).set(MAKER, [OTHER_LIFE]);
  world.fold(removed('kma', fourth));
  return changed;
}

test('whom a change between left out gets no say back where that one is retired and a member has it still: there it is to be changed', () => {
  const { world, search, saidNo, askedFor, changedBy } = chain();
  assert.deepEqual(soughtObjects(search.state, search.has), ['OBJECT-THIRD', 'OBJECT-SECOND']);
  assert.deepEqual([missingSplit(search), changedBy()], [{ at: 'others', kmaIds: [MAKER] }, 'THIRD']);
  assert.equal(splitToRenew(search), undefined);
  world.fold(removed('kma', MAKER));
  assert.deepEqual([missingSplit(search), changedBy()], [{ at: 'nobody' }, 'FIRST']);
  askedFor.delete('OBJECT-SECOND');
  assert.deepEqual([missingSplit(search), changedBy()], [{ at: 'others', kmaIds: [OTHER] }, 'THIRD']);
  assert.equal(splitToRenew(search), undefined);
  askedFor.add('OBJECT-SECOND');
  saidNo.delete(OTHER);
  assert.deepEqual(missingSplit(search), { at: 'others', kmaIds: [OTHER] });
});

test('the member that has the one between has it changed by its quorum', () => {
  const { world, search, here, changedBy } = chain();
  world.fold(removed('kma', MAKER));
  here.add('OBJECT-SECOND');
  assert.deepEqual(soughtObjects(search.state, search.has), ['OBJECT-THIRD']);
  assert.deepEqual([missingSplit(search), changedBy()], [{ at: 'nobody' }, 'SECOND']);
});

test('where the maker of one between has not come, it may be anywhere', () => {
  const { world, search } = chain();
  world.foldAt(hlc(1_050, 0), 'D4D4D4D4D4D4D4D4' as IncarnationId, madeSplit('BETWEEN'));
  assert.deepEqual(missingSplit(search), { at: 'maker', kmaId: null });
});

test('where more were made than are asked for at once, and where there are more lives than are looked at, others may have one', () => {
  const { world, search, saidNo, askedFor } = changedElsewhere();
  world.fold(madeLife(LIFE_OF_OTHER, OTHER), removed('kma', MAKER));
  saidNo.set(OTHER, [LIFE_OF_OTHER]);
  for (let n = 1; n < SOUGHT_MAX; n++) {
    world.foldAt(hlc(500 + n, 0), OTHER_LIFE, madeSplit(`MORE-${n}`));
    askedFor.add(`OBJECT-MORE-${n}`);
  }
  assert.equal(soughtObjects(search.state, search.has).length, SOUGHT_MAX);
  assert.deepEqual(missingSplit(search), { at: 'nobody' });
  const { state } = search;
  const flooded: SplitSearch['state'] = {
    get: (table, id) => state.get(table, id),
    page: (table, after, limit) => {
      const rows = state.page(table, after, limit);
      return table === 'incarnation' ? [...rows, ...Array(limit - rows.length).fill(rows[0])] : rows;
    },
  };
  assert.deepEqual(missingSplit({ ...search, state: flooded }), { at: 'others', kmaIds: [OTHER] });
  world.foldAt(hlc(600, 0), OTHER_LIFE, madeSplit('ONE-TOO-MANY'));
  assert.equal(soughtObjects(search.state, search.has).length, SOUGHT_MAX);
  assert.deepEqual(missingSplit(search), { at: 'others', kmaIds: [OTHER] });
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
