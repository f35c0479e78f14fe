/** The check at the end of a simulated world can fail: each kind of disagreement that is made by hand is told, and a sound cluster passes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ObjectId } from '../src/core/ids.ts';
import { refuse } from '../src/core/refusal.ts';
import { findOperation } from '../src/operations/catalogue.ts';
import { Convergence } from './checks/convergence.ts';
import { Faults } from './faults/faults.ts';
import { memberFaults } from './faults/members.ts';
import { cluster, done, pass } from './found.fixture.ts';
import type { Machine } from './machine.ts';
import { Random } from './random.ts';
import type { Seams } from './seams.ts';
import { Violation } from './violation.ts';
import { Clerks } from './workload/clerks.ts';
import { asOfficer, asUser, CREDENTIALS, PASSPHRASE } from './workload/people.ts';
import type { World } from './world.ts';

const RANDOM = new Random(1, 'who');
const NAMED = { table: 'key', sha256: '', form: null, made: null } as const;

const reach = (world: World) => new Convergence(world, new Faults(world)).reach();
const change = (machine: Machine) =>
  asUser(machine, 'clara', 'ModifyKeyPolicy', { policy: 'long', description: 'changed' });
const tells = (text: RegExp) => (error: unknown) =>
  error instanceof Violation && error.invariant === 'convergence' && text.test(error.message);

test('a cluster without faults agrees, and nothing has to be excused', async () => {
  const world = await cluster(3);
  const [one] = world.machines;
  assert.ok(one);
  await done(world, one, change(one));
  assert.deepEqual(await reach(world), { objectsLost: 0, objectsErased: 0, entriesLost: 0 });
});

test('a log that one member does not follow is told, though nobody was answered by what it lacks', async () => {
  const unfollowed = new Set<string>();
  const world = await cluster(3, { follows: (incarnationId) => !unfollowed.has(incarnationId) });
  const [, , three] = world.machines;
  assert.ok(three);
  // Its next life begins with an entry that nobody asked for.
  three.crash('put back');
  three.beginLife();
  unfollowed.add(three.self.incarnationId);
  three.boot();
  await assert.rejects(
    reach(world),
    tells(/^of the log [0-9A-F]{16} members have m1 0, m2 0, m3 \d+ entries$/),
  );
});

test('a sealed object that one member has and another lacks is told', async () => {
  const world = await cluster(3, { asksForObjects: false });
  await pass(world, 5);
  await assert.rejects(reach(world), tells(/lacks the object [0-9A-F]{32}, which m\d has$/));
});

/** With a backup that somebody has fetched. */
async function backedUp(seams: Partial<Seams> = {}): Promise<World> {
  const world = await cluster(3, seams);
  const [one] = world.machines;
  assert.ok(one);
  const clerks = new Clerks(world, RANDOM);
  // The first core security backup is fetched before there is another one.
  for (let times = 0; times < 2; times++) {
    await clerks.backUp(one);
    await pass(world, 5);
  }
  assert.ok(world.copies.backups.size > 0);
  for (const file of world.copies.backups.values()) file.fetched = true;
  return world;
}
async function restoreBeside(world: World): Promise<void> {
  const fault = memberFaults.find(({ kind }) => kind === 'backup restored into a live cluster');
  const running = world.machines.slice(0, 1);
  assert.notEqual(await fault?.begin({ world, random: RANDOM, running }), null);
}

test('one that was restored beside the cluster joins it again', async () => {
  const world = await backedUp();
  await restoreBeside(world);
  await reach(world);
  assert.equal(new Set(world.machines.map(({ clusterEpochId }) => clusterEpochId)).size, 1);
});

test('one that was restored beside the cluster after it was removed joins it again too', async () => {
  const world = await backedUp();
  const [one, two] = world.machines;
  assert.ok(one && two);
  await world.operators.remove(one, 'lost', two);
  await pass(world, 5);
  assert.notEqual(two.store.state.get('kma', one.self.kmaId)?.removedStamp ?? null, null);
  await restoreBeside(world);
  await reach(world);
  assert.equal(new Set(world.machines.map(({ clusterEpochId }) => clusterEpochId)).size, 1);
});

test('one that stays beside the cluster is told', async () => {
  const world = await backedUp();
  await restoreBeside(world);
  world.operators.round = async () => undefined;
  await assert.rejects(reach(world), tells(/^m1 is beside the cluster still/));
});

test('an entry that stays although no machine is that KMA any more is told', async () => {
  const world = await cluster(3, {
    findOperation: (name) => {
      const found = findOperation(name);
      return found === undefined || name !== 'DeleteKma'
        ? found
        : { ...found, decide: () => refuse('MANAGER_INTERNAL') };
    },
  });
  const [one] = world.machines;
  assert.ok(one);
  await world.operators.remove(one, 'retired');
  await assert.rejects(reach(world), tells(/^at m\d kma-1 is a member, and no machine is it$/));
});

test('what went with the only disk that had it is excused, and counted', async () => {
  const world = await cluster(3);
  const [, , three] = world.machines;
  assert.ok(three);
  world.network.cut('m3', 'm1');
  world.network.cut('m3', 'm2');
  await done(world, three, change(three));
  three.crash('its disk is replaced');
  world.copies.zeroised(three);
  world.logs.diskReplaced(three.place);
  three.zeroise();
  const { entriesLost } = await reach(world);
  assert.ok(entriesLost > 0);
});

test('an object that nobody has, and that no lost disk had, is told', async () => {
  const world = await cluster(3);
  await pass(world, 5);
  const [one] = world.machines;
  assert.ok(one);
  const { state } = one.store;
  const key = [...state.rows('key')].find(({ objectId }) => typeof objectId === 'string');
  assert.ok(key);
  const id = String(key['objectId']) as ObjectId;
  for (const { store } of world.machines) {
    store.transaction(() => {
      store.eraseObject(id);
      store.missing.note(state, [{ ...NAMED, id, row: key.id }]);
    });
    store.sync();
  }
  await assert.rejects(reach(world), tells(/which no disk that was lost had either$/));
});

test('the verifier of a removed user is excused where it was erased before anybody there knew him an officer', async () => {
  const world = await cluster(3);
  const [one, , three] = world.machines;
  assert.ok(one && three);
  await pass(world, 5);
  const byQuorum = (machine: Machine, operation: string, input: object) =>
    done(world, machine, {
      ...asOfficer(machine, RANDOM, operation, input),
      credentials: CREDENTIALS.slice(0, 2),
    });
  for (const other of ['m1', 'm2']) world.network.cut('m3', other);
  await byQuorum(one, 'ModifyUser', { user: 'olga', roles: ['OPERATOR', 'SECURITY_OFFICER'] });
  await byQuorum(three, 'SetUserPassphrase', { user: 'olga', passphrase: PASSPHRASE });
  await byQuorum(three, 'DeleteUser', { user: 'olga' });
  await pass(world, 5);
  assert.deepEqual(await reach(world), { objectsLost: 0, objectsErased: 1, entriesLost: 0 });
});
