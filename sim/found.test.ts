/** What the simulated world has found once, each with its history made by hand: logs that ended unread, lives that nobody met. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { between, cut } from './faults/network.ts';
import { cluster, done, pass } from './found.fixture.ts';
import type { Machine } from './machine.ts';
import { Random } from './random.ts';
import { appliance, asOfficer, asUser } from './workload/people.ts';
import type { World } from './world.ts';

const RANDOM = new Random(1, 'who');

const described = ({ store }: Machine): string | null | undefined =>
  [...store.state.page('key_policy', '', 10)].find(({ name }) => name === 'long')?.description;

test('of two members that remove each other on two sides of a partition both are removed for all others', async () => {
  const world = await cluster(4);
  const [one, two, three, four] = world.machines;
  assert.ok(one && two && three && four);
  const heal = cut(world, between([one, two], [three, four]));
  await done(world, one, asOfficer(one, RANDOM, 'DeleteKma', { kma: three.self.kmaName, as: 'lost' }));
  await done(world, three, asOfficer(three, RANDOM, 'DeleteKma', { kma: one.self.kmaName, as: 'lost' }));
  await pass(world, 5);
  heal();
  await pass(world, 10);
  for (const { place, store } of [two, four])
    for (const { self } of [one, three])
      assert.notEqual(
        store.state.get('kma', self.kmaId)?.removedStamp ?? null,
        null,
        `${self.kmaName} at ${place}`,
      );
  assert.deepEqual(two.store.vector(), four.store.vector());
});

test('what a KMA wrote in a life that met no other member comes to all with the next life', async () => {
  const world = await cluster(3);
  const [one, two, three] = world.machines;
  assert.ok(one && two && three);
  const heal = cut(world, between([three], [one, two]));
  const begin = () => {
    three.crash('put back');
    three.beginLife();
    three.boot();
  };
  begin();
  await done(
    world,
    three,
    asUser(three, 'clara', 'ModifyKeyPolicy', { policy: 'long', description: 'in between' }),
  );
  begin();
  heal();
  await pass(world, 10);
  assert.deepEqual([one, two, three].map(described), ['in between', 'in between', 'in between']);
  assert.deepEqual(one.store.vector(), three.store.vector());
});

const change = (machine: Machine, description: string) =>
  asUser(machine, 'clara', 'ModifyKeyPolicy', { policy: 'long', description });

/** Because of a removal that nobody else will ever see: it went with the only disk that had it. */
async function closesLogOf(world: World, machine: Machine, other: Machine): Promise<void> {
  const { incarnationId } = other.self;
  const length = machine.store.logLength(incarnationId);
  await done(world, machine, appliance('CloseLogs', { ends: [{ incarnationId, length }] }));
  await pass(world, 3);
  for (const { store, self } of world.machines)
    if (self.kmaId !== other.self.kmaId)
      assert.notEqual(store.state.get('log_end', `${incarnationId}:${self.incarnationId}`), undefined);
}

test('of a log that was closed, went on and was closed again all get what the member has that has most', async () => {
  const world = await cluster(4);
  const [one, two, three, four] = world.machines;
  assert.ok(one && two && three && four);
  await pass(world, 2);
  await closesLogOf(world, four, three);
  const heal = cut(world, between([two], world.machines));
  await world.operators.remove(four, 'retired', one);
  await pass(world, 2);
  await done(world, three, change(three, 'after all'));
  await pass(world, 2);
  assert.equal(described(one), 'after all');
  await world.operators.remove(three, 'retired', one);
  await pass(world, 2);
  heal();
  await pass(world, 10);
  assert.equal(described(two), 'after all');
  assert.deepEqual(two.store.vector(), one.store.vector());
});

test('a log that a KMA has closed which is no more goes on once its entry is deleted', async () => {
  const world = await cluster(3);
  const [one, two, three] = world.machines;
  assert.ok(one && two && three);
  await pass(world, 2);
  await closesLogOf(world, three, one);
  const { kmaId } = three.self;
  three.zeroise();
  await done(world, one, change(one, 'goes on'));
  await pass(world, 2);
  assert.notEqual(described(two), 'goes on');
  for (let round = 0; round < 4; round++) {
    await world.operators.round();
    await pass(world, 10);
  }
  assert.notEqual(two.store.state.get('kma', kmaId)?.removedStamp ?? null, null);
  assert.deepEqual([two, three].map(described), ['goes on', 'goes on']);
  assert.deepEqual(two.store.vector(), one.store.vector());
});

test('a member whose log was closed for a removal that nobody has begins a new life, and all get what it wrote', async () => {
  const world = await cluster(3);
  const [one, two, three] = world.machines;
  assert.ok(one && two && three);
  await pass(world, 2);
  const { incarnationId } = one.self;
  await closesLogOf(world, three, one);
  await done(world, one, change(one, 'goes on'));
  await pass(world, 20);
  assert.deepEqual([one, two, three].map(described), ['goes on', described(two), described(two)]);
  assert.notEqual(described(two), 'goes on');
  await pass(world, 45);
  assert.notEqual(one.self.incarnationId, incarnationId);
  assert.deepEqual([one, two, three].map(described), ['goes on', 'goes on', 'goes on']);
  assert.deepEqual(two.store.vector(), one.store.vector());
  assert.deepEqual(three.store.vector(), one.store.vector());
});
