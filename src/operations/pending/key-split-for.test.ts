/** By which key split credentials are judged while the objects of the current one are missing: by the one before it only where nothing else would lead on. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, event, removed } from '../../core/facts.ts';
import { FoldingWorld, LIFE, madeLife, madeSplit, OTHER_LIFE } from '../../core/folding.fixture.ts';
import type { IncarnationId, KeySplitId, KmaId } from '../../core/ids.ts';
import { settingFact } from '../../core/settings.ts';
import { hlc } from '../../core/stamp.ts';
import { operations } from '../catalogue.ts';
import { missingSplitText } from './missing-split-text.ts';
import { isJudgedByNow, keySplitFor, splitSearch } from './quorum-outcome.ts';

/** SECOND, which replaced FIRST, was made by another member; a third one may have it. */
function replacedElsewhere() {
  const world = new FoldingWorld();
  const [self, maker, other] = ['SELF', 'MAKER', 'OTHER'] as [KmaId, KmaId, KmaId];
  const kma = (id: KmaId, number: number) => created('kma', id, { name: id, createdAt: 1, number });
  world.fold(madeSplit('FIRST'), kma(self, 1), kma(maker, 2), kma(other, 3));
  world.fold(madeLife(LIFE, maker), madeLife(OTHER_LIFE, other));
  world.fold(madeSplit('SECOND'));
  world.fold(event('key_split', 'FIRST', 'retired', { retiredAt: 2 }));
  world.fold(settingFact('currentKeySplitId', 'SECOND' as KeySplitId));
  const said = { no: false, here: 'FIRST' };
  const here = {
    store: { state: world.state, hasObject: (id: string) => id === `OBJECT-${said.here}` },
    self: { kmaId: self },
    lacking: (kmaId: string) => new Set<string>(said.no && kmaId === other ? [OTHER_LIFE] : []),
  };
  const byEarlier = () =>
    operations
      .filter(({ quorum }) => quorum !== false)
      .filter((operation) => keySplitFor(here, operation)?.id === 'FIRST')
      .map(({ name }) => name)
      .sort();
  const mayChange = (by: string) =>
    isJudgedByNow(here, operations.find(({ name }) => name === 'ModifyKeySplit') ?? {}, by);
  return { world, said, here, maker, byEarlier, mayChange };
}

const ALWAYS = ['AcceptClock', 'AcceptLogClock', 'UnlockKma'];

test('unlocking and accepting clocks go on by the key split before one whose maker lost it, and nothing else does', () => {
  const { said, here, byEarlier } = replacedElsewhere();
  assert.deepEqual(byEarlier(), ALWAYS);
  assert.match(missingSplitText(splitSearch(here)) ?? '', /on its way here from MAKER; .*delete it/);
  said.here = 'SECOND';
  assert.deepEqual(byEarlier(), []);
  assert.equal(missingSplitText(splitSearch(here)), undefined);
});

test('where it is lost for certain, the split before approves its change too, and nothing else', () => {
  const { world, said, here, maker, byEarlier, mayChange } = replacedElsewhere();
  said.no = true;
  assert.deepEqual([byEarlier(), mayChange('FIRST'), mayChange('SECOND')], [ALWAYS, false, true]);
  world.fold(removed('kma', maker));
  assert.deepEqual([byEarlier(), mayChange('FIRST')], [[...ALWAYS, 'ModifyKeySplit'].sort(), true]);
  assert.match(
    missingSplitText(splitSearch(here)) ?? '',
    /lost with MAKER.*the one before.*key-split modify/,
  );
});

test('it is not while another member has not said that it has none, whatever was judged before', () => {
  const { world, said, here, maker, byEarlier, mayChange } = replacedElsewhere();
  world.fold(removed('kma', maker));
  assert.deepEqual([byEarlier(), mayChange('FIRST')], [ALWAYS, false]);
  assert.match(missingSplitText(splitSearch(here)) ?? '', /went with MAKER, .*OTHER may have it/);
  said.no = true;
  assert.equal(mayChange('FIRST'), true);
  said.here = 'SECOND';
  assert.equal(mayChange('FIRST'), false, 'it has come while the credentials were judged');
});

test('where nothing has come yet of who made it, nobody is named and nobody is to be deleted', () => {
  const { world, here } = replacedElsewhere();
  world.foldAt(hlc(2_000, 0), 'C3C3C3C3C3C3C3C3' as IncarnationId, madeSplit('THIRD'));
  world.foldAt(
    hlc(2_001, 0),
    'C3C3C3C3C3C3C3C3' as IncarnationId,
    settingFact('currentKeySplitId', 'THIRD' as KeySplitId),
  );
  assert.equal(
    missingSplitText(splitSearch(here)),
    'the key split is on its way here from a KMA of which nothing has come yet',
  );
});
