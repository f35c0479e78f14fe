/** KMAs of the simulated world that are logged out of their cluster, made by hand: what they write meanwhile, who hears of it, and how they come back; and joins that are broken off in the middle. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRefusal, refuse } from '../src/core/refusal.ts';
import { findOperation } from '../src/operations/catalogue.ts';
import { Convergence } from './checks/convergence.ts';
import type { Answer } from './core.ts';
import { keep, rollBack } from './faults/disks.ts';
import { Faults } from './faults/faults.ts';
import { between, cut } from './faults/network.ts';
import { cluster, done, pass } from './found.fixture.ts';
import type { Machine } from './machine.ts';
import { isLoggedOut, standing } from './membership.ts';
import { Violation } from './violation.ts';
import { asUser } from './workload/people.ts';
import type { World } from './world.ts';

const SECOND_MS = 1_000;

const change = (machine: Machine, description: string) =>
  asUser(machine, 'clara', 'ModifyKeyPolicy', { policy: 'long', description });
const described = ({ store }: Machine): string | null | undefined =>
  [...store.state.page('key_policy', '', 10)].find(({ name }) => name === 'long')?.description;

async function refusalOf(world: World, machine: Machine): Promise<string | null> {
  const answers: Answer[] = [];
  await world.call(machine, change(machine, 'too late'), (answer) => void answers.push(answer));
  await world.schedule.run(world.schedule.nowMs + SECOND_MS);
  const [answer] = answers;
  return answer !== undefined && isRefusal(answer) ? answer.refused : null;
}

test('a member that is logged out while it is cut off works on until it hears of it, and logs in again with what it wrote', async () => {
  const world = await cluster(3);
  const [one, two, three] = world.machines;
  assert.ok(one && two && three);
  await pass(world, 2);
  const { incarnationId } = three.self;
  const heal = cut(world, between([three], [one, two]));
  await world.operators.logOut(three, one);
  await pass(world, 2);
  await done(world, three, change(three, 'cut off'));
  assert.equal(three.running?.core.absence, null);
  heal();
  await pass(world, 5);
  assert.equal(three.running?.core.absence, 'logged-out');
  assert.equal(await refusalOf(world, three), 'NOT_A_MEMBER');
  for (const other of [one, two]) {
    assert.ok(isLoggedOut(other, three), other.place);
    assert.notEqual(described(other), 'cut off', other.place);
  }
  world.joining.logIn(two, three);
  await pass(world, 5);
  assert.equal(three.running?.core.absence, null);
  assert.equal(three.self.incarnationId, incarnationId);
  assert.deepEqual([one, two, three].map(described), ['cut off', 'cut off', 'cut off']);
  assert.deepEqual(one.store.vector(), three.store.vector());
});

test('two that log each other out on two sides of a partition both come back', async () => {
  const world = await cluster(2);
  const [one, two] = world.machines;
  assert.ok(one && two);
  await pass(world, 2);
  const heal = cut(world, between([one], [two]));
  await world.operators.logOut(two, one);
  await world.operators.logOut(one, two);
  await pass(world, 2);
  heal();
  await pass(world, 2);
  assert.ok(isLoggedOut(one, two) && isLoggedOut(two, one));
  world.joining.logIn(one, two);
  world.joining.logIn(two, one);
  await pass(world, 5);
  assert.ok(!isLoggedOut(one, two) && !isLoggedOut(two, one));
  assert.deepEqual(one.store.vector(), two.store.vector());
});

test('a passphrase that was voided after a loss is set anew, and proven', async () => {
  const world = await cluster(4);
  const [one, two, three, four] = world.machines;
  assert.ok(one && two && three && four);
  await pass(world, 2);
  await world.operators.logOut(three, one);
  await pass(world, 1);
  await world.operators.remove(four, 'lost', two);
  await pass(world, 5);
  assert.equal(one.store.state.get('kma', three.self.kmaId)?.proofDisabled, 1);
  world.joining.logIn(one, three);
  await pass(world, 5);
  assert.equal(three.running?.core.absence, null);
  assert.deepEqual(one.store.vector(), three.store.vector());
});

test('one that stays logged out is told in the end', async () => {
  let refuses = false;
  const world = await cluster(3, {
    findOperation: (name) => {
      const found = findOperation(name);
      return found === undefined || name !== 'EnrolKma' || !refuses
        ? found
        : { ...found, decide: () => refuse('MANAGER_INTERNAL') };
    },
  });
  const [one, , three] = world.machines;
  assert.ok(one && three);
  await pass(world, 2);
  refuses = true;
  await world.operators.logOut(three, one);
  await pass(world, 1);
  await assert.rejects(
    new Convergence(world, new Faults(world)).reach(),
    (error: unknown) =>
      error instanceof Violation && /^m3 was logged out, and has not logged in again$/.test(error.message),
  );
});

test('a join that ends with the member in the middle is begun again with the same entry, and leaves no other', async () => {
  const world = await cluster(3);
  const [one, two, three] = world.machines;
  assert.ok(one && two && three);
  await pass(world, 2);
  await world.operators.remove(three, 'retired', one);
  await pass(world, 2);
  const name = world.joining.nameFor(three);
  await world.joining.join(one, three, name);
  for (let tries = 0; tries < 100 && !entries(one).includes(name); tries++)
    await world.schedule.run(world.schedule.nowMs + 1);
  // It is on the disk and at the other one, and not proven yet.
  await world.schedule.run(world.schedule.nowMs + 60);
  one.crash('in the middle of the join');
  await pass(world, 5);
  assert.equal(three.running, null);
  assert.ok(entries(two).includes(name));
  await world.joining.join(two, three, name);
  await pass(world, 5);
  assert.notEqual(three.running, null);
  one.boot();
  await pass(world, 5);
  assert.deepEqual(
    entries(two),
    [one, two, three].map(({ self }) => self.kmaName),
  );
  assert.deepEqual(one.store.vector(), three.store.vector());
});

/** Of KMAs that nobody has removed. */
function entries({ store }: Machine): (string | null)[] {
  return [...store.state.page('kma', '', 100)]
    .filter(({ removedStamp }) => removedStamp === null)
    .map(({ name }) => name)
    .sort();
}

test('three that log each other out in a ring all come back, each at the one that has its passphrase', async () => {
  const world = await cluster(3);
  const [one, two, three] = world.machines;
  assert.ok(one && two && three);
  await pass(world, 2);
  const heals = [cut(world, between([one], [two, three])), cut(world, between([two], [three]))];
  for (const [machine, by] of [
    [two, one],
    [three, two],
    [one, three],
  ] as const)
    await world.operators.logOut(machine, by);
  await pass(world, 2);
  for (const heal of heals) heal();
  await pass(world, 5);
  for (const machine of world.machines) assert.equal(machine.running?.core.absence, 'logged-out');
  world.joining.logIn(one, two);
  await pass(world, 5);
  world.joining.logIn(two, three);
  await pass(world, 5);
  world.joining.logIn(three, one);
  await pass(world, 5);
  for (const machine of world.machines) {
    assert.equal(machine.running?.core.absence, null, machine.place);
    assert.deepEqual(machine.store.vector(), one.store.vector());
  }
});

test('one that comes back when all whom it knows have gone, or are out as far as it knows, is to join anew', async () => {
  const world = await cluster(4);
  const [one, two, three, four] = world.machines;
  assert.ok(one && two && three && four);
  await pass(world, 2);
  await world.operators.logOut(two, one);
  await pass(world, 2);
  await world.operators.logOut(one, three);
  await pass(world, 2);
  world.joining.logIn(three, two);
  await pass(world, 2);
  await world.operators.remove(four, 'retired', two);
  await world.joining.join(two, four, world.joining.nameFor(four));
  await pass(world, 5);
  await world.operators.remove(three, 'retired', two);
  await pass(world, 2);
  world.joining.logIn(two, one);
  await pass(world, 5);
  assert.deepEqual(
    [isLoggedOut(two, one), isLoggedOut(one, two), one.running?.core.absence],
    [false, true, 'logged-out'],
    'it lets nobody in who could tell it',
  );
  world.healed = true;
  for (let round = 0; round < 3; round++) {
    await world.operators.round();
    await pass(world, 10);
  }
  assert.deepEqual(
    world.machines.map(({ running }) => running?.core.absence),
    [null, null, null, null],
  );
  assert.deepEqual(one.store.vector(), two.store.vector());
});

test('nobody is rolled back where those who could tell were logged out at that time', async () => {
  const world = await cluster(2);
  const [one, two] = world.machines;
  assert.ok(one && two);
  await pass(world, 2);
  const before = keep(one);
  await world.operators.logOut(two, one);
  await pass(world, 2);
  const without = keep(one);
  world.joining.logIn(one, two);
  await pass(world, 5);
  const { store, self } = one;
  rollBack(world, one, without);
  assert.equal(one.store, store);
  rollBack(world, one, before);
  assert.notEqual(one.store, store);
  await pass(world, 5);
  assert.notEqual(one.self.incarnationId, self.incarnationId);
});

test('one that is left alone is the cluster, though one that is out knows only whom it has removed: found by seed 486', async () => {
  const world = await cluster(3);
  const [one, two, three] = world.machines;
  assert.ok(one && two && three);
  await pass(world, 2);
  await world.operators.logOut(three, one);
  await pass(world, 2);
  await world.operators.remove(two, 'retired', one);
  await world.joining.join(one, two, world.joining.nameFor(two));
  await pass(world, 5);
  await world.operators.remove(one, 'lost', two);
  await pass(world, 2);
  assert.deepEqual(absences(world), ['lost', null, 'logged-out']);
  assert.deepEqual(places(world), { members: ['m2'], removed: ['m1', 'm3'] });
  await new Convergence(world, new Faults(world)).reach();
  for (const machine of world.machines) assert.deepEqual(machine.store.vector(), two.store.vector());
});

test('two that are out, and know only each other of all who are left, are to join anew', async () => {
  const world = await cluster(4);
  const [one, two, three, four] = world.machines;
  assert.ok(one && two && three && four);
  await pass(world, 2);
  const heal = cut(world, between([four], [one, two]));
  cut(world, between([three], [four]));
  await world.operators.logOut(three, one);
  await world.operators.logOut(four, one);
  await pass(world, 2);
  heal();
  await pass(world, 2);
  for (const [machine, by] of [
    [two, one],
    [one, two],
  ] as const) {
    await world.operators.remove(machine, 'retired', by);
    await world.joining.join(by, machine, world.joining.nameFor(machine));
    await pass(world, 5);
  }
  assert.deepEqual(absences(world), [null, null, 'logged-out', 'logged-out']);
  assert.deepEqual(places(world), { members: ['m1', 'm2'], removed: ['m3', 'm4'] });
  const { kmaId } = one.self;
  await new Convergence(world, new Faults(world)).reach();
  assert.equal(one.self.kmaId, kmaId, 'it did not join at one that is out');
});

test('where the only one that was in is gone, those that it has logged out come back by each other', async () => {
  const world = await cluster(3);
  const [one, two, three] = world.machines;
  assert.ok(one && two && three);
  await pass(world, 2);
  await world.operators.logOut(one, three);
  await pass(world, 2);
  const heal = cut(world, between([two], [one]));
  await world.operators.logOut(two, three);
  await pass(world, 2);
  three.zeroise();
  world.copies.zeroised(three);
  world.logs.diskReplaced(three.place);
  heal();
  await pass(world, 2);
  assert.deepEqual(absences(world).slice(0, 2), ['logged-out', 'logged-out']);
  await new Convergence(world, new Faults(world)).reach();
  for (const machine of world.machines) assert.deepEqual(machine.store.vector(), two.store.vector());
});

test('where the last two have removed each other, one goes on and the other one joins it anew', async () => {
  const world = await cluster(2);
  const [one, two] = world.machines;
  assert.ok(one && two);
  await pass(world, 2);
  const heal = cut(world, between([one], [two]));
  await world.operators.remove(two, 'lost', one);
  await world.operators.remove(one, 'lost', two);
  await pass(world, 2);
  heal();
  await pass(world, 5);
  assert.deepEqual(places(world), { members: ['m1'], removed: ['m2'] });
  await new Convergence(world, new Faults(world)).reach();
  assert.deepEqual(one.store.vector(), two.store.vector());
});

const absences = ({ machines }: World) => machines.map(({ running }) => running?.core.absence);
function places({ machines, clusterEpochId }: World) {
  const { members, removed } = standing(machines, clusterEpochId);
  const placesOf = (some: readonly Machine[]) => some.map(({ place }) => place);
  return { members: placesOf(members), removed: placesOf(removed) };
}
