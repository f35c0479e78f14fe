/** What the simulated world has found once of keys that are erased by everybody and destroyed for nobody, each with its history made by hand: which of them the end of a world excuses, and which it tells. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ObjectId } from '../src/core/ids.ts';
import { Convergence, type Excused } from './checks/convergence.ts';
import { Faults } from './faults/faults.ts';
import { between, cut } from './faults/network.ts';
import { COMMENT, type Compromised, cluster, compromisedKey, done, pass } from './found.fixture.ts';
import type { Machine } from './machine.ts';
import { Violation } from './violation.ts';
import { asUser } from './workload/people.ts';
import type { World } from './world.ts';

const SECONDS_MS = 1_000;

type Four = readonly [one: Machine, two: Machine, three: Machine, four: Machine];

function objectOf({ store }: Machine, keyId: string): ObjectId {
  const id = store.state.get('key', keyId)?.objectId;
  assert.ok(id);
  return id;
}

/** The others cannot tell why: whoever knows is removed before he has told them all, `four` with its log ended before, `three` after it has said that the object is gone from it. */
async function erasedByTwo(
  erase: (world: World, machines: Four, made: Compromised) => Promise<void>,
): Promise<() => Promise<Excused>> {
  const world = await cluster(4);
  const [one, two, three, four] = world.machines;
  assert.ok(one && two && three && four);
  const heal = cut(world, between([three, four], [one, two]));
  const made = await compromisedKey(world, three);
  const objectId = objectOf(three, made.keyId);
  assert.ok(four.store.hasObject(objectId));
  await erase(world, [one, two, three, four], made);
  await pass(world, 5);
  for (const { store, place } of [three, four]) assert.ok(!store.hasObject(objectId), place);
  await world.operators.remove(four, 'lost', one);
  await pass(world, 5);
  // Before the next chores of `three`, which would say how much of the log there is.
  heal();
  const apart = cut(world, between([four], [one, two, three]));
  await world.schedule.run(world.schedule.nowMs + 40 * SECONDS_MS);
  for (const { store, place } of [one, two]) {
    const row = store.state.get('key', made.keyId);
    assert.ok(row !== undefined && row.destroyedStamp === null, place);
    assert.ok(store.lacks().has(objectId), place);
    const [erasure] = store.state.page('object_erasure', `${objectId}:`, 1);
    assert.equal(erasure?.objectId, objectId, place);
  }
  await world.operators.remove(three, 'retired', one);
  apart();
  return () => new Convergence(world, new Faults(world)).reach();
}

test('a key that all have erased who knew of its destruction, which lies beyond the end of a removed log, is excused and counted', async () => {
  const reach = await erasedByTwo(async (world, [, , , four], { dataUnitId }) => {
    await done(world, four, asUser(four, 'olga', 'DestroyKeys', { dataUnitId, ...COMMENT }));
  });
  const { objectsErased } = await reach();
  assert.equal(objectsErased, 1);
});

test('the same key is told where it was erased though nobody had destroyed it', async () => {
  const reach = await erasedByTwo(async (_world, [, , three, four], { keyId }) => {
    for (const { store } of [three, four]) {
      const id = objectOf(three, keyId);
      store.transaction(() => {
        store.eraseObject(id);
        store.noteErased([id]);
      });
      store.sync();
    }
  });
  await assert.rejects(
    reach(),
    (error: unknown) =>
      error instanceof Violation &&
      error.invariant === 'convergence' &&
      /lacks the object [0-9A-F]{32}, which no disk that was lost had either$/.test(error.message),
  );
});
