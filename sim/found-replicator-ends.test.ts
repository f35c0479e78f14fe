/** What the simulated world has found once of a replicator that ends while the core goes on, its history made by hand: what the core takes meanwhile others can have from there. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Convergence } from './checks/convergence.ts';
import { Faults } from './faults/faults.ts';
import { between, cut } from './faults/network.ts';
import { cluster, pass } from './found.fixture.ts';
import type { Machine } from './machine.ts';
import { asUser } from './workload/people.ts';
import type { World } from './world.ts';

const STEPS_MAX = 60_000;

/** Ends at the very moment, before anything else happens. */
async function untilReplicatorHasEnded(world: World, machine: Machine): Promise<void> {
  const before = machine.running?.replicator;
  for (let step = 0; step < STEPS_MAX && machine.running?.replicator === before; step++)
    await world.schedule.run(world.schedule.nowMs + 1);
  assert.notEqual(machine.running?.replicator, before);
}

test('an entry that is on its way into the store as the replicator ends comes to the others from there, though whoever wrote it is gone; found by seed 538', async () => {
  const world = await cluster(4);
  const [one, two, three, four] = world.machines;
  assert.ok(one && two && three && four);
  await pass(world, 5);
  const log = three.self.incarnationId;
  const toOne = cut(world, between([one], [two, three, four]));
  const toFour = cut(world, between([four], [two, three]));
  const before = two.store.logLength(log);
  two.replicatorFalls = true;
  await world.call(three, asUser(three, 'clara', 'CreateKeyGroup', { group: 'new', policy: 'short' }));
  await untilReplicatorHasEnded(world, two);
  assert.equal(two.store.logLength(log), before);
  cut(world, between([three], [one, two, four]));
  toOne();
  toFour();
  await pass(world, 1);
  assert.equal(two.store.logLength(log), before + 1);
  await world.operators.remove(three, 'lost', two);
  await pass(world, 5);
  for (const { store, place } of [one, four])
    assert.equal(store.logLength(log), two.store.logLength(log), place);
  await new Convergence(world, new Faults(world)).reach();
});
