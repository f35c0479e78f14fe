/** Which root key material and which master keys a KMA could open without any other. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created } from './facts.ts';
import { FoldingWorld } from './folding.fixture.ts';
import type { KeySplitId, MasterEpochId, ObjectId, RootEpochId } from './ids.ts';
import { openableEpochs, rootsAt } from './openable-epochs.ts';
import { settingFact } from './settings.ts';

const [SPLIT, COPY] = ['SPLIT-OBJECT', 'COPY-OBJECT'];

function worldWithSplit(): FoldingWorld {
  const world = new FoldingWorld();
  world.fold(
    created('key_split', 'S', {
      ...{ rootEpochId: 'R1' as RootEpochId, threshold: 1, size: 1, namesJson: '["ann"]' },
      ...{ objectId: SPLIT as ObjectId, objectSha256: '', createdAt: 1 },
    }),
    settingFact('currentKeySplitId', 'S' as KeySplitId),
  );
  return world;
}

test('a root counts by the split of today, and by a copy that was opened and is here', () => {
  const { state } = worldWithSplit();
  const at = (here: readonly string[], opened: [string, string][]) => [
    ...rootsAt(state, (id) => here.includes(id), new Map(opened)),
  ];
  assert.deepEqual(at([SPLIT], []), ['R1']);
  assert.deepEqual(at([], []), []);
  assert.deepEqual(at([COPY], [[COPY, 'R2']]), ['R2']);
  assert.deepEqual(at([SPLIT, COPY], [[COPY, 'R2']]), ['R1', 'R2']);
  assert.deepEqual(at([SPLIT], [[COPY, 'R2']]), ['R1'], 'the copy is gone');
  assert.deepEqual([...rootsAt(new FoldingWorld().state, () => true, new Map())], []);
});

test('a master key opens where it is wrapped under such a root, and the wrap is here', () => {
  const world = new FoldingWorld();
  for (const [epoch, root] of [
    ['M1', 'R1'],
    ['M2', 'R2'],
    ['M3', 'R1'],
  ] as const)
    world.fold(
      created('master_wrap', `${epoch}:${root}`, {
        masterEpochId: epoch as MasterEpochId,
        rootEpochId: root as RootEpochId,
        objectId: `wrap-${epoch}` as ObjectId,
        objectSha256: '',
      }),
    );
  const here = (id: string) => id !== 'wrap-M3';
  assert.deepEqual([...openableEpochs(world.state, here, new Set(['R1']))], ['M1']);
});
