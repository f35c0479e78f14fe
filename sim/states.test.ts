/** States and destroyed keys are looked at with the entry that changes them: of a fault of the code made by hand the next entry that is folded tells, and nobody has to look from time to time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { between, cut } from './faults/network.ts';
import { COMMENT, cluster, compromisedKey, done, pass } from './found.fixture.ts';
import type { Machine } from './machine.ts';
import { MUTANTS } from './mutants.ts';
import { type Invariant, Violation } from './violation.ts';
import { asUser } from './workload/people.ts';

const mutant = (name: string) => MUTANTS.find((one) => one.name === name)?.seams ?? assert.fail(name);
const breaks = (invariant: Invariant) => (error: unknown) =>
  error instanceof Violation && error.invariant === invariant;
const change = (machine: Machine, description: string) =>
  asUser(machine, 'clara', 'ModifyKeyPolicy', { policy: 'long', description });

test('a key that is kept though its destruction is folded is told at once', async () => {
  const world = await cluster(2, mutant('a destruction elsewhere erases nothing here'));
  const [one] = world.machines;
  assert.ok(one);
  const { dataUnitId } = await compromisedKey(world, one);
  const destruction = asUser(one, 'olga', 'DestroyKeys', { dataUnitId, ...COMMENT });
  await assert.rejects(async () => {
    await done(world, one, destruction);
    await pass(world, 1);
  }, breaks(4));
});

test('two states at one vector are told at once', async () => {
  const world = await cluster(2, mutant('a field has what arrives last, whatever its stamp'));
  const [one, two] = world.machines;
  assert.ok(one && two);
  await pass(world, 2);
  const heal = cut(world, between([one], [two]));
  await done(world, one, change(one, 'here'));
  await done(world, two, change(two, 'there'));
  heal();
  await assert.rejects(pass(world, 1), breaks(6));
});
