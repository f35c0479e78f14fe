/** What the simulated world has found once of sealed objects that one KMA alone had and let go of beyond the end of its log, such as that of a key split, each with its history made by hand: which of them the end of a world excuses, and which it tells. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ObjectId } from '../src/core/ids.ts';
import { currentKeySplit } from '../src/core/key-split-standing.ts';
import { Convergence, type Excused } from './checks/convergence.ts';
import { Faults } from './faults/faults.ts';
import { between, cut } from './faults/network.ts';
import { cluster, done, pass } from './found.fixture.ts';
import type { Machine } from './machine.ts';
import { Random } from './random.ts';
import { Violation } from './violation.ts';
import { asOfficer, credentialsOf, PASSPHRASE } from './workload/people.ts';
import type { World } from './world.ts';

const RANDOM = new Random(1, 'who');
const SECONDS_MS = 1_000;

type Change = (world: World, machine: Machine) => Promise<ObjectId>;

const changeSplit: Change = async (world, machine) => {
  const call = asOfficer(machine, RANDOM, 'ModifyKeySplit', { threshold: 2 });
  const newCredentials = ['cred-d', 'cred-e'];
  await done(world, machine, {
    ...call,
    credentials: credentialsOf(machine, 'ModifyKeySplit'),
    newCredentials,
  });
  return currentKeySplit(machine.store.state)?.objectId ?? assert.fail('its object');
};
const changePassphrase: Change = async (world, machine) => {
  const input = { user: 'olga', passphrase: PASSPHRASE };
  const call = asOfficer(machine, RANDOM, 'SetUserPassphrase', input);
  await done(world, machine, { ...call, credentials: credentialsOf(machine, 'ModifyKeySplit') });
  const olga = machine.store.state.page('user', '', 100).find(({ name }) => name === 'olga');
  return olga?.verifierObjectId ?? assert.fail('her verifier');
};

interface Alone {
  readonly change: Change;
  /** At `two`, on the other side, and later: what `three` has changed stays, and does not count. */
  readonly rival?: Change;
  readonly leave: (world: World, three: Machine, objectId: ObjectId) => Promise<void>;
  readonly as: 'retired' | 'lost';
}

/**
 * The object of what `three` changes it alone has: `one` gets the entry on a full disk, and is cut off before it can ask. Then
 * `three` is left alone with it, and is removed: of what it writes meanwhile nobody ever hears.
 */
async function aloneWithIt({ change, rival, leave, as }: Alone): Promise<() => Promise<Excused>> {
  const world = await cluster(3);
  const [one, two, three] = world.machines;
  assert.ok(one && two && three);
  await pass(world, 5);
  const heal = cut(world, between([two], [one, three]));
  one.diskFull = true;
  const objectId = await change(world, three);
  await world.schedule.run(world.schedule.nowMs + SECONDS_MS);
  await rival?.(world, two);
  heal();
  cut(world, between([three], [one, two]));
  one.diskFull = false;
  await pass(world, 5);
  await leave(world, three, objectId);
  await world.operators.remove(three, as, one);
  await pass(world, 5);
  for (const { store, place } of [one, two]) {
    assert.ok(store.lacks().has(objectId), place);
    assert.ok(![...store.state.rows('object_erasure')].some((row) => row['objectId'] === objectId), place);
  }
  world.network.heal();
  return () => new Convergence(world, new Faults(world)).reach();
}

/** And says so. */
function changesAgain(change: Change): Alone['leave'] {
  return async (world, three, objectId) => {
    await change(world, three);
    await pass(world, 5);
    assert.ok(!three.store.hasObject(objectId));
    assert.deepEqual(three.store.erased(), []);
  };
}

/** Where it is lost, new root key material retires what did not prevail, and nothing is lacking any more. */
const SPLIT = { change: changeSplit, rival: changeSplit, as: 'retired' } as const;

test('the object of a key split that was replaced beyond the end of a removed log by the only one that had it is excused and counted: found by seed 430', async () => {
  const reach = await aloneWithIt({ ...SPLIT, leave: changesAgain(changeSplit) });
  const { objectsErased } = await reach();
  assert.equal(objectsErased, 1);
});

test('so is the verifier of a passphrase that was set anew there', async () => {
  const leave = changesAgain(changePassphrase);
  const reach = await aloneWithIt({ change: changePassphrase, as: 'retired', leave });
  const { objectsErased } = await reach();
  assert.equal(objectsErased, 1);
});

test('so is the object of a key split where the disk is gone before the KMA has said that it erased it', async () => {
  const reach = await aloneWithIt({
    ...SPLIT,
    async leave(world, three, objectId) {
      await changeSplit(world, three);
      three.crash('never to come back');
      assert.ok(!three.store.hasObject(objectId));
      assert.deepEqual(three.store.erased(), [objectId]);
    },
  });
  const { objectsErased } = await reach();
  assert.equal(objectsErased, 1);
});

const tells = (error: unknown) =>
  error instanceof Violation &&
  error.invariant === 'convergence' &&
  /lacks the object [0-9A-F]{32}, which no disk that was lost had either$/.test(error.message);

test('the same object is told where it was erased though nobody had replaced the key split', async () => {
  const reach = await aloneWithIt({
    ...SPLIT,
    async leave(world, { store }, objectId) {
      store.transaction(() => {
        store.eraseObject(objectId);
        store.noteErased([objectId]);
      });
      store.sync();
      await pass(world, 5);
      assert.deepEqual(store.erased(), []);
    },
  });
  await assert.rejects(reach(), tells);
});

test('and where the key split was replaced, and the KMA neither said nor was to say that the object is gone', async () => {
  const reach = await aloneWithIt({
    ...SPLIT,
    async leave(world, three, objectId) {
      await changeSplit(world, three);
      three.store.transaction(() => three.store.forgetErased([objectId]));
      three.store.sync();
      await pass(world, 5);
    },
  });
  await assert.rejects(reach(), tells);
});
