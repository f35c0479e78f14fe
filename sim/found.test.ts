/** What the simulated world has found once, each with its history made by hand: logs that ended unread, lives that nobody met. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { between, cut } from './faults/network.ts';
import { cluster, done, pass } from './found.fixture.ts';
import type { Machine } from './machine.ts';
import { Random } from './random.ts';
import { asOfficer, asUser } from './workload/people.ts';

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
