/** A key is Ready only while a usable backup or another member holds it (D4). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, event, type Fact, removed } from './facts.ts';
import {
  activated,
  backupDestroyed,
  coreSecurityBackup,
  FoldingWorld,
  LIFE,
  madeBackup,
  madeKey,
  madeLife,
  OTHER_LIFE,
} from './folding.fixture.ts';
import type { KmaId } from './ids.ts';
import {
  backedUpKeys,
  hasCoreSecurityBackup,
  nextReadyKey,
  poolStanding,
  readyThroughSeq,
} from './readiness.ts';

function worldOf(...facts: Fact[]): FoldingWorld {
  const world = new FoldingWorld();
  world.fold(madeKey('K1', 10), madeKey('K2', 11), madeKey('K3', 12), madeKey('F1', 1, OTHER_LIFE), ...facts);
  return world;
}
const through = (...facts: Fact[]) => readyThroughSeq(worldOf(...facts).state, LIFE);
/** All facts of the backup but one event. */
const without = (name: string) =>
  madeBackup('B', { [LIFE]: 11 }).filter((fact) => !('event' in fact && fact.event === name));

test('keys up to the position that a usable backup holds are ready', () => {
  assert.equal(through(...coreSecurityBackup(), ...madeBackup('B', { [LIFE]: 11 })), 11);
});

test('nothing is ready without a backup', () => {
  assert.equal(through(...coreSecurityBackup()), 0);
});

test('a backup counts only when complete, downloaded, not destroyed and openable', () => {
  const opening = coreSecurityBackup();
  const backup = madeBackup('B', { [LIFE]: 11 });
  assert.equal(through(...opening, ...without('completed')), 0);
  assert.equal(through(...opening, ...without('downloaded')), 0);
  assert.equal(through(...opening, ...backup, backupDestroyed('B')), 0);
  assert.equal(through(...opening, ...backup, removed('backup', 'B')), 0);
  assert.equal(through(...backup), 0);
  assert.equal(through(...coreSecurityBackup(false), ...backup), 0);
});

test('an older backup counts where the newer one is gone', () => {
  const facts = [
    ...coreSecurityBackup(),
    ...madeBackup('B1', { [LIFE]: 10 }, 5000),
    ...madeBackup('B2', { [LIFE]: 12 }, 6000),
  ];
  assert.equal(through(...facts), 12);
  assert.equal(through(...facts, backupDestroyed('B2')), 10);
  assert.equal(through(...facts, backupDestroyed('B2'), backupDestroyed('B1')), 0);
});

test('finds a usable backup behind many that are not', () => {
  const destroyed = Array.from({ length: 20 }, (_, i) => [
    ...madeBackup(`D${i}`, { [LIFE]: 12 }, 7000),
    backupDestroyed(`D${i}`),
  ]).flat();
  assert.equal(through(...coreSecurityBackup(), ...madeBackup('B', { [LIFE]: 11 }, 5000), ...destroyed), 11);
});

test('looks at a bounded number of backups', () => {
  const destroyed = Array.from({ length: 70 }, (_, i) => [
    ...madeBackup(`D${i}`, { [LIFE]: 12 }, 7000 + i),
    backupDestroyed(`D${i}`),
  ]).flat();
  assert.equal(through(...coreSecurityBackup(), ...madeBackup('B', { [LIFE]: 11 }, 5000), ...destroyed), 0);
});

test('a backup says nothing about a life that is not in it', () => {
  assert.equal(through(...coreSecurityBackup(), ...madeBackup('B', { [OTHER_LIFE]: 11 })), 0);
});

test('hands out the first made of the ready keys of this life', () => {
  const world = worldOf(...coreSecurityBackup(), ...madeBackup('B', { [LIFE]: 11, [OTHER_LIFE]: 5 }));
  assert.equal(nextReadyKey(world.state, LIFE)?.id, 'K1');
  world.fold(activated('K1', 'G', 1));
  assert.equal(nextReadyKey(world.state, LIFE)?.id, 'K2');
  world.fold(activated('K2', 'G', 1));
  assert.equal(nextReadyKey(world.state, LIFE), undefined);
});

test('hands out no key that is compromised or destroyed', () => {
  const world = worldOf(...coreSecurityBackup(), ...madeBackup('B', { [LIFE]: 12 }));
  world.fold(
    event('key', 'K1', 'compromised', { compromisedAt: 1, compromisedComment: '' }),
    event('key', 'K2', 'destroyed', { destroyedAt: 1, destroyedComment: '' }),
  );
  assert.equal(nextReadyKey(world.state, LIFE)?.id, 'K3');
});

test('counts what is ready and what is made', () => {
  const world = worldOf(...coreSecurityBackup(), ...madeBackup('B', { [LIFE]: 11 }));
  assert.deepEqual(poolStanding(world.state, LIFE), { ready: 2, unissued: 3 });
  world.fold(activated('K1', 'G', 1));
  assert.deepEqual(poolStanding(world.state, LIFE), { ready: 1, unissued: 2 });
});

test('counts what is in a usable backup, whatever others hold', () => {
  const world = worldOf(...coreSecurityBackup(), ...madeBackup('B', { [LIFE]: 11 }));
  assert.equal(backedUpKeys(world.state, LIFE), 2);
  world.fold(activated('K1', 'G', 1));
  assert.equal(backedUpKeys(world.state, LIFE), 1);
  assert.equal(backedUpKeys(worldOf(...madeBackup('B', { [LIFE]: 11 })).state, LIFE), 0, 'nothing opens it');
});

test('knows for which root key material a core security backup was fetched', () => {
  const { state } = worldOf(...coreSecurityBackup());
  assert.equal(hasCoreSecurityBackup(state, 'ROOT'), true);
  assert.equal(hasCoreSecurityBackup(state, 'OTHER'), false);
  assert.equal(hasCoreSecurityBackup(state, null), false);
});

test('keys that another member holds are ready, and no longer when it is removed', () => {
  const world = worldOf(madeLife(LIFE), created('kma', 'PEER', { name: 'peer', createdAt: 1, number: 1 }));
  world.fold(madeLife(OTHER_LIFE, 'PEER' as KmaId));
  world.state.putHolding(LIFE, { peer: OTHER_LIFE, seq: 11 });
  assert.equal(readyThroughSeq(world.state, LIFE), 11);
  assert.equal(nextReadyKey(world.state, LIFE)?.id, 'K1');
  world.fold(...coreSecurityBackup(), ...madeBackup('B', { [LIFE]: 10 }));
  assert.equal(readyThroughSeq(world.state, LIFE), 11);
  world.fold(removed('kma', 'PEER'));
  assert.equal(readyThroughSeq(world.state, LIFE), 10);
});
