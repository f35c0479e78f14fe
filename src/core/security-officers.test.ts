/** A cluster is never without a Security Officer, and both sides of a partition agree on who it is. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, type Fact, removed, set } from './facts.ts';
import { FoldingWorld, LIFE, OTHER_LIFE } from './folding.fixture.ts';
import type { UserId } from './ids.ts';
import { effectiveSecurityOfficers, isLastUsableSecurityOfficer } from './security-officers.ts';
import { hlc } from './stamp.ts';

function officer(name: string): Fact[] {
  const id = name as UserId;
  return [
    created('user', id, { name, createdAt: 1 }),
    set('user', id, { enabled: 1, proofDisabled: 0 }),
    created('user_role', `${id}:SECURITY_OFFICER`, { userId: id, role: 'SECURITY_OFFICER' }),
    set('user_role', `${id}:SECURITY_OFFICER`, { present: 1 }),
  ];
}
const withoutRole = (id: string) => set('user_role', `${id}:SECURITY_OFFICER`, { present: 0 });
const disabled = (id: string) => set('user', id, { enabled: 0 });
const names = (world: FoldingWorld) =>
  effectiveSecurityOfficers(world.state)
    .map(({ id }) => id)
    .sort();

function worldOf(...officers: string[]): FoldingWorld {
  const world = new FoldingWorld();
  for (const name of officers) world.fold(...officer(name));
  return world;
}

test('names living, enabled users with the role', () => {
  const world = worldOf('A', 'B', 'C', 'D');
  world.fold(disabled('B'));
  world.fold(removed('user', 'C'));
  world.fold(withoutRole('D'));
  assert.deepEqual(names(world), ['A']);
});

test('has nobody before the first user, and passes over a role whose user is not known yet', () => {
  assert.deepEqual(names(new FoldingWorld()), []);
  const world = new FoldingWorld();
  world.fold(...officer('A').slice(2));
  assert.deepEqual(names(world), []);
});

test('of officers removed on two sides the one removed last stays, in whatever order that becomes known', () => {
  const losses = [
    [hlc(1000, 0), LIFE, removed('user', 'A')],
    [hlc(1001, 0), OTHER_LIFE, disabled('B')],
    [hlc(999, 0), OTHER_LIFE, withoutRole('C')],
  ] as const;
  for (const order of [losses, [...losses].reverse()]) {
    const world = worldOf('A', 'B', 'C');
    for (const [clock, life, fact] of order) world.foldAt(clock, life, fact);
    assert.deepEqual(names(world), ['B']);
  }
});

test('who lost the standing twice lost it the first time', () => {
  const world = worldOf('A', 'B');
  world.fold(disabled('A'));
  world.fold(removed('user', 'B'));
  world.fold(removed('user', 'A'), withoutRole('A'));
  assert.deepEqual(names(world), ['B']);
});

test('knows the last officer who can log in', () => {
  const world = worldOf('A', 'B');
  assert.equal(isLastUsableSecurityOfficer(world.state, 'A' as UserId), false);
  world.fold(set('user', 'B', { proofDisabled: 1 }));
  assert.equal(isLastUsableSecurityOfficer(world.state, 'A' as UserId), true);
  assert.equal(isLastUsableSecurityOfficer(world.state, 'B' as UserId), false);
});

test('a user who never was enabled comes after everyone who was', () => {
  const world = worldOf('A');
  world.fold(created('user', 'N', { name: 'N', createdAt: 1 }));
  world.fold(created('user_role', 'N:SECURITY_OFFICER', { userId: 'N' as UserId, role: 'SECURITY_OFFICER' }));
  world.fold(disabled('A'));
  assert.deepEqual(names(world), ['A']);
});
