/** The state of a key with policy, backups and erasures looked up. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, event, removed, set } from './facts.ts';
import {
  activated,
  admittedLife,
  backupDestroyed,
  coreSecurityBackup,
  FoldingWorld,
  groupWithPolicy,
  LIFE,
  madeBackup,
  madeKey,
  madeLife,
  OTHER_LIFE,
} from './folding.fixture.ts';
import type { IncarnationId, KeyGroupId, KmaId, ObjectId } from './ids.ts';
import {
  livesHolding,
  otherHolders,
  periodsOfGroup,
  stateOfKey,
  statesOfIssuedKeys,
} from './key-standing.ts';

const DAY_MS = 86_400_000;

function worldWithKey(): FoldingWorld {
  const world = new FoldingWorld();
  world.fold(madeLife(LIFE), ...groupWithPolicy('G'), madeKey('K', 10));
  return world;
}
function stateAt(world: FoldingWorld, nowMs: number) {
  const key = world.state.get('key', 'K');
  assert.ok(key);
  return stateOfKey(world.state, key, nowMs);
}
const erased = (life: IncarnationId) =>
  created('object_erasure', `object-K:${life}`, {
    objectId: 'object-K' as ObjectId,
    incarnationId: life,
    erasedAt: 1,
  });
const destroyed = event('key', 'K', 'destroyed', { destroyedAt: 6000, destroyedComment: 'old' });

test('a key goes from generated over ready and its periods to deactivated', () => {
  const world = worldWithKey();
  assert.equal(stateAt(world, 0), 'GENERATED');
  world.fold(...coreSecurityBackup(), ...madeBackup('B', { [LIFE]: 10 }));
  assert.equal(stateAt(world, 0), 'READY');
  world.fold(activated('K', 'G', 0));
  assert.deepEqual(
    [0, 1, 3].map((days) => stateAt(world, days * DAY_MS)),
    ['PROTECT_AND_PROCESS', 'PROCESS_ONLY', 'DEACTIVATED'],
  );
});

test('a key moved to another group lives by that policy', () => {
  const world = worldWithKey();
  world.fold(activated('K', 'G', 0), set('key', 'K', { changedKeyGroupId: 'nowhere' as KeyGroupId }));
  assert.equal(stateAt(world, 0), 'PROCESS_ONLY');
});

test('a removed group keeps the periods of its keys', () => {
  const world = worldWithKey();
  world.fold(removed('key_group', 'G'), removed('key_policy', 'policy-G'));
  assert.deepEqual(periodsOfGroup(world.state, 'G'), {
    encryptionPeriodSeconds: 86_400,
    cryptoperiodSeconds: 3 * 86_400,
  });
});

test('a policy that is not known yet gives no periods', () => {
  const world = worldWithKey();
  world.fold(set('key_policy', 'P', { allowExportFrom: 1 }), set('key_group', 'H', { description: '' }));
  world.fold(set('key_group', 'I', { keyPolicyId: 'P' as never }));
  for (const group of ['nowhere', 'H', 'I']) assert.equal(periodsOfGroup(world.state, group), null);
});

test('destruction is complete when every life that goes on has erased the key and no backup can hold it', () => {
  const world = worldWithKey();
  world.fold(madeLife(OTHER_LIFE), activated('K', 'G', 0), destroyed, ...madeBackup('B', {}, 5000));
  assert.equal(stateAt(world, 0), 'DESTROYED_INCOMPLETE');
  world.fold(erased(LIFE), backupDestroyed('B'));
  assert.equal(stateAt(world, 0), 'DESTROYED_INCOMPLETE');
  world.fold(erased(OTHER_LIFE));
  assert.equal(stateAt(world, 0), 'DESTROYED_COMPLETE');
});

test('destruction is not complete while a backup may hold the key', () => {
  const world = worldWithKey();
  world.fold(activated('K', 'G', 0), destroyed, erased(LIFE), ...madeBackup('B', {}, 5000));
  assert.equal(stateAt(world, 0), 'DESTROYED_INCOMPLETE');
});

test('what may have destroyed keys is the same, looked up for one or once for many', () => {
  const world = worldWithKey();
  world.fold(activated('K', 'G', 0), destroyed, erased(LIFE), ...madeBackup('B', {}, 5000));
  world.fold(...madeBackup('C', {}, 4000), ...madeBackup('D', {}, 6000));
  const key = world.state.get('key', 'K') ?? assert.fail();
  const states = () => [stateAt(world, 0), stateOfKey(world.state, key, 0, otherHolders(world.state))];
  assert.deepEqual(states(), ['DESTROYED_INCOMPLETE', 'DESTROYED_INCOMPLETE']);
  assert.deepEqual(
    otherHolders(world.state).backups.map(({ id }) => id),
    ['C', 'B', 'D'],
  );
  world.fold(...['B', 'C', 'D'].map(backupDestroyed));
  assert.deepEqual(states(), ['DESTROYED_COMPLETE', 'DESTROYED_COMPLETE']);
});

test('a life that was only admitted may have got a copy, and one of which nothing but its end is known has none', () => {
  const world = worldWithKey();
  world.fold(activated('K', 'G', 0), destroyed, erased(LIFE));
  world.fold(set('incarnation', 'C3C3C3C3C3C3C3C3' as IncarnationId, {}));
  assert.equal(stateAt(world, 0), 'DESTROYED_COMPLETE');
  world.fold(admittedLife(OTHER_LIFE));
  assert.equal(stateAt(world, 0), 'DESTROYED_INCOMPLETE');
});

test('a life that has ended has nothing to confirm', () => {
  const world = worldWithKey();
  world.fold(madeLife(OTHER_LIFE), event('incarnation', OTHER_LIFE, 'ended', { endedAt: 2 }));
  world.fold(activated('K', 'G', 0), destroyed, erased(LIFE));
  assert.equal(stateAt(world, 0), 'DESTROYED_COMPLETE');
});

test('a retired one that has not confirmed the erasure itself is waited for until all that members have of its log is here', () => {
  const world = worldWithKey();
  const gone = 'C3C3C3C3C3C3C3C3' as IncarnationId;
  world.fold(madeLife(gone, 'GONE' as KmaId), activated('K', 'G', 0), destroyed, erased(LIFE));
  world.fold(
    event('kma', 'GONE', 'removed', { removedHow: 'retired' }),
    event('incarnation', gone, 'ended', { endedAt: 2 }),
    created('log_end', `${gone}:${LIFE}`, { incarnationId: gone, byIncarnationId: LIFE, length: 7 }),
  );
  const holders = () => {
    const key = world.state.get('key', 'K') ?? assert.fail();
    return livesHolding(world.state, key).map(({ id }) => id);
  };
  assert.equal(stateAt(world, 0), 'DESTROYED_INCOMPLETE');
  assert.deepEqual(holders(), [gone]);
  world.state.putLogLength(gone, 7);
  assert.equal(stateAt(world, 0), 'DESTROYED_COMPLETE');
  world.state.putLogLength(gone, 6);
  world.fold(erased(gone));
  assert.equal(stateAt(world, 0), 'DESTROYED_COMPLETE');
  assert.deepEqual(holders(), []);
});

test('a key whose making is not known yet is not ready', () => {
  const world = new FoldingWorld();
  world.fold(set('key', 'K', { changedKeyGroupId: null }));
  assert.equal(stateAt(world, 0), 'GENERATED');
});

test('gives many issued keys their states, each by its own group', () => {
  const world = worldWithKey();
  world.fold(activated('K', 'G', 0), madeKey('L', 11), activated('L', 'nowhere', 0), madeKey('M', 12));
  const stateOf = statesOfIssuedKeys(world.state, 0);
  const states = ['K', 'L', 'K', 'L'].map((id) => {
    const key = world.state.get('key', id);
    return key === undefined ? '' : stateOf(key);
  });
  assert.deepEqual(states, ['PROTECT_AND_PROCESS', 'PROCESS_ONLY', 'PROTECT_AND_PROCESS', 'PROCESS_ONLY']);
});
