/** Machines that have the same rows have them in one place, each folds what was written all the same where its own row differs, and none sees what another changes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { foldFact } from '../src/core/fold.ts';
import { between, cut } from './faults/network.ts';
import { cluster, done, pass } from './found.fixture.ts';
import type { Machine } from './machine.ts';
import { asUser } from './workload/people.ts';

const change = (machine: Machine, description: string) =>
  asUser(machine, 'clara', 'ModifyKeyPolicy', { policy: 'long', description });
const policyAt = ({ store }: Machine) =>
  store.state.page('key_policy', '', 99).find(({ name }) => name === 'long') ?? assert.fail('no policy');

test('what is the same at all machines is one row, folded by its writer and once more as it is read', async () => {
  let folds = 0;
  const world = await cluster(3, {
    fold: (target, fact, stamp) => {
      if ('set' in fact && fact.set['description'] === 'new') folds += 1;
      foldFact(target, fact, stamp);
    },
  });
  const [one, two, three] = world.machines;
  assert.ok(one && two && three);
  await done(world, one, change(one, 'new'));
  await pass(world, 1);
  assert.equal(policyAt(one).description, 'new');
  assert.equal(policyAt(two), policyAt(one));
  assert.equal(policyAt(three), policyAt(one));
  assert.equal(folds, 2);
});

test('of rows that differ each is folded for itself, and they are one again once they are equal', async () => {
  const world = await cluster(2);
  const [one, two] = world.machines;
  assert.ok(one && two);
  await pass(world, 2);
  const before = policyAt(one);
  const heal = cut(world, between([one], [two]));
  await done(world, one, change(one, 'here'));
  await done(world, two, change(two, 'there'));
  assert.deepEqual([policyAt(one).description, policyAt(two).description], ['here', 'there']);
  assert.notEqual(before.description, 'here');
  heal();
  await pass(world, 1);
  assert.equal(policyAt(one).description, 'there');
  assert.equal(policyAt(two), policyAt(one));
});

test('what a machine takes back stays at the others', async () => {
  const world = await cluster(2);
  const [one, two] = world.machines;
  assert.ok(one && two);
  await pass(world, 1);
  const policy = policyAt(one);
  assert.equal(policyAt(two), policy);
  one.store.transaction(() => one.store.putRow('key_policy', { ...policy, description: 'changed' }));
  assert.equal(policyAt(two), policy);
  two.store.transaction(() => two.store.putRow('key_policy', { ...policy, description: 'other' }));
  two.store.losePower();
  assert.deepEqual([policyAt(one).description, policyAt(two)], ['changed', policy]);
});
