/** Why a KMA does not serve agents: each reason by its word, and all that apply. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { obstaclesToServing, type ServingParts } from './serving.ts';

const words = (changes: Partial<ServingParts> = {}) =>
  obstaclesToServing({
    cluster: () => 'member',
    clock: { odd: () => null } as ServingParts['clock'],
    firstWrites: { held: null },
    unlocked: true,
    errorState: '',
    storeTrouble: '',
    keysReady: () => 1,
    ...changes,
  }).map(({ reason }) => reason);

test('a KMA in order serves', () => {
  assert.deepEqual(words(), []);
});

test('each reason has its word', () => {
  const cases: [Partial<ServingParts>, string][] = [
    [{ unlocked: false }, 'locked'],
    [{ cluster: () => 'catching-up' }, 'catching-up'],
    [{ cluster: () => 'retired' }, 'no-member'],
    [{ cluster: () => 'logged-out' }, 'no-member'],
    [{ firstWrites: { held: Promise.resolve() } }, 'starting'],
    [{ storeTrouble: 'the disk is full' }, 'store'],
    [{ clock: { odd: () => 'the clock jumped' } as ServingParts['clock'] }, 'clock'],
    [{ keysReady: () => 0 }, 'no-keys-ready'],
    [{ errorState: 'the self-test failed' }, 'error-state'],
  ];
  for (const [changes, word] of cases) assert.deepEqual(words(changes), [word]);
});

test('in the error state nothing else is asked, and a locked KMA is not asked for its keys', () => {
  const unasked = () => assert.fail('asked');
  assert.deepEqual(words({ errorState: 'stopped', cluster: unasked, keysReady: unasked }), ['error-state']);
  assert.deepEqual(words({ unlocked: false, keysReady: unasked }), ['locked']);
});

test('all reasons that apply are told', () => {
  assert.deepEqual(words({ unlocked: false, storeTrouble: 'damaged', cluster: () => 'lost' }), [
    'locked',
    'store',
    'no-member',
  ]);
});
