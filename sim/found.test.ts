/** What the simulated world has found once, each with its history made by hand: logs that ended unread, lives that nobody met. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRefusal } from '../src/core/refusal.ts';
import { between, cut } from './faults/network.ts';
import { found } from './founding.ts';
import type { Machine } from './machine.ts';
import { Random } from './random.ts';
import { PRODUCTION } from './seams.ts';
import { Clerks } from './workload/clerks.ts';
import { asOfficer, asUser } from './workload/people.ts';
import { World } from './world.ts';

const MINUTE_MS = 60_000;

async function cluster(kmas: number): Promise<World> {
  const world = new World(1, kmas, PRODUCTION);
  await found(world, kmas);
  return world;
}

/** With the chores of each machine every minute. */
async function pass(world: World, minutes: number): Promise<void> {
  const clerks = new Clerks(world, new Random(1, 'chores'));
  for (let minute = 0; minute < minutes; minute++) {
    for (const machine of world.machines) if (machine.running !== null) await clerks.upkeep(machine);
    await world.schedule.run(world.schedule.nowMs + MINUTE_MS);
  }
}

async function done(world: World, machine: Machine, operation: string, input: object): Promise<void> {
  const random = new Random(1, 'who');
  const call =
    operation === 'DeleteKma'
      ? asOfficer(machine, random, operation, input)
      : asUser(machine, 'clara', operation, input);
  let answered = false;
  await world.call(machine, call, (answer) => {
    assert.ok(!isRefusal(answer), `${operation}: ${isRefusal(answer) ? answer.refused : ''}`);
    answered = true;
  });
  for (let seconds = 0; seconds < 10 && !answered; seconds++)
    await world.schedule.run(world.schedule.nowMs + 1000);
  assert.ok(answered);
}

const described = ({ store }: Machine): string | null | undefined =>
  [...store.state.page('key_policy', '', 10)].find(({ name }) => name === 'long')?.description;

test('of two members that remove each other on two sides of a partition both are removed for all others', async () => {
  const world = await cluster(4);
  const [one, two, three, four] = world.machines;
  assert.ok(one && two && three && four);
  const heal = cut(world, between([one, two], [three, four]));
  await done(world, one, 'DeleteKma', { kma: three.self.kmaName, as: 'lost' });
  await done(world, three, 'DeleteKma', { kma: one.self.kmaName, as: 'lost' });
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
  await done(world, three, 'ModifyKeyPolicy', { policy: 'long', description: 'in between' });
  begin();
  heal();
  await pass(world, 10);
  assert.deepEqual([one, two, three].map(described), ['in between', 'in between', 'in between']);
  assert.deepEqual(one.store.vector(), three.store.vector());
});
