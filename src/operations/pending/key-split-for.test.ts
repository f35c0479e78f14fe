/** By which key split credentials are judged while the objects of the current one are missing: by the one before it only where nothing else would lead on. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, event } from '../../core/facts.ts';
import { FoldingWorld } from '../../core/folding.fixture.ts';
import type { KeySplitId, ObjectId, RootEpochId } from '../../core/ids.ts';
import { settingFact } from '../../core/settings.ts';
import { operations } from '../catalogue.ts';
import { keySplitFor } from './quorum-outcome.ts';

const split = (id: string) =>
  created('key_split', id, {
    rootEpochId: 'ROOT' as RootEpochId,
    threshold: 2,
    size: 3,
    namesJson: '[]',
    objectId: `OBJECT-${id}` as ObjectId,
    objectSha256: 'AA',
    createdAt: 1,
  });

test('unlocking and accepting clocks go on by the key split before one whose maker lost it, and nothing else does', () => {
  const world = new FoldingWorld();
  const { state } = world;
  world.fold(split('FIRST'));
  world.fold(split('SECOND'));
  world.fold(event('key_split', 'FIRST', 'retired', { retiredAt: 2 }));
  world.fold(settingFact('currentKeySplitId', 'SECOND' as KeySplitId));
  const judgedBy = (here: string) => {
    const store = { state, hasObject: (id: string) => id === `OBJECT-${here}` };
    return operations
      .filter(({ quorum }) => quorum !== false)
      .filter((operation) => keySplitFor(store, operation)?.id === 'FIRST')
      .map(({ name }) => name)
      .sort();
  };
  assert.deepEqual(judgedBy('FIRST'), ['AcceptClock', 'AcceptLogClock', 'UnlockKma']);
  assert.deepEqual(judgedBy('SECOND'), []);
});
