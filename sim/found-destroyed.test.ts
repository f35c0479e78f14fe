/** What the simulated world has found once of keys that were destroyed and agents that were removed, each with its history made by hand: what a machine does that has forgotten it, and one that was about to hear of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backupsHolding } from '../src/core/backup-holding.ts';
import type { Fingerprint } from '../src/core/ids.ts';
import { stateOfKey } from '../src/core/key-standing.ts';
import { isRefusal } from '../src/core/refusal.ts';
import type { Answer } from './core.ts';
import { cloneOf, keep, rollBackUnseen } from './faults/disks.ts';
import { COMMENT, cluster, compromisedKey, done, pass } from './found.fixture.ts';
import type { Machine } from './machine.ts';
import { Random } from './random.ts';
import { NO_UNIT } from './workload/agents.ts';
import { Clerks } from './workload/clerks.ts';
import { asAgent, asOfficer, asUser } from './workload/people.ts';
import type { World } from './world.ts';

const SLOW_SYNC_MS = 20_000;
function stateAt({ store, clock }: Machine, keyId: string): string {
  const key = store.state.get('key', keyId);
  assert.ok(key);
  return stateOfKey(store.state, key, clock.wallMs());
}

/** By which the destruction is kept incomplete there. */
function backupsWith({ store }: Machine, keyId: string): string[] {
  const key = store.state.get('key', keyId);
  assert.ok(key);
  return backupsHolding(store.state, key).map(({ id }) => id);
}

test('a backup of a machine that has forgotten a destruction is in its way everywhere once it is heard of, until it is destroyed too', async () => {
  const world = await cluster(3);
  const [one, two, three] = world.machines;
  assert.ok(one && two && three);
  const all = [one, two, three];
  const { dataUnitId, keyId } = await compromisedKey(world, one);
  const before = keep(three);
  await done(world, one, asUser(one, 'olga', 'DestroyKeys', { dataUnitId, ...COMMENT }));
  await pass(world, 5);
  assert.deepEqual(
    all.map((machine) => stateAt(machine, keyId)),
    all.map(() => 'DESTROYED_COMPROMISED_COMPLETE'),
  );

  const join = rollBackUnseen(world, three, before);
  assert.ok(join);
  await pass(world, 1);
  const clerks = new Clerks(world, new Random(1, 'backups'));
  // The first one needs a core security backup that somebody has downloaded.
  for (let tries = 0; tries < 5 && world.copies.backups.size === 0; tries++) {
    await clerks.backUp(three);
    await pass(world, 1);
  }
  const [file] = world.copies.backups.values();
  assert.ok(file);
  assert.equal(stateAt(three, keyId), 'COMPROMISED');
  assert.equal(stateAt(one, keyId), 'DESTROYED_COMPROMISED_COMPLETE');
  world.states.look();

  join();
  await pass(world, 10);
  world.states.look();
  world.forks.check(all);
  for (const machine of all) {
    assert.equal(stateAt(machine, keyId), 'DESTROYED_COMPROMISED_INCOMPLETE', machine.place);
    assert.deepEqual(backupsWith(machine, keyId), [file.made.backupId], machine.place);
  }

  file.destroyed = true;
  const { backupId } = file.made;
  await done(world, one, asUser(one, 'bert', 'ConfirmBackupDestroyed', { backupId, ...COMMENT }));
  await pass(world, 2);
  world.states.look();
  for (const machine of all) assert.deepEqual(backupsWith(machine, keyId), [], machine.place);
});

test('a copied disk that nobody has heard of stands in the way of no destruction, and has to confirm it once it is heard of', async () => {
  const world = await cluster(3);
  const [one, two, three] = world.machines;
  assert.ok(one && two && three);
  const all = [one, two, three];
  const { dataUnitId, keyId } = await compromisedKey(world, one);
  const clone = cloneOf(world, three);
  const objectId = clone.store.state.get('key', keyId)?.objectId ?? assert.fail('its object');
  for (const { place } of all)
    for (const [from, to] of [
      [place, clone.place],
      [clone.place, place],
    ] as const)
      world.network.cut(from, to);
  clone.boot();
  await done(world, one, asUser(one, 'olga', 'DestroyKeys', { dataUnitId, ...COMMENT }));
  await pass(world, 5);
  assert.deepEqual(
    all.map((machine) => stateAt(machine, keyId)),
    all.map(() => 'DESTROYED_COMPROMISED_COMPLETE'),
  );
  assert.ok(clone.store.hasObject(objectId));
  world.states.look();

  world.network.heal();
  await pass(world, 10);
  const { incarnationId } = clone.self;
  for (const { store, place } of [one, two])
    assert.notEqual(store.state.get('object_erasure', `${objectId}:${incarnationId}`), undefined, place);
  assert.ok(!clone.store.hasObject(objectId));
  world.states.look();
});

/** Its owner has zeroised it, and says so at the one that has heard of little. */
async function retire(world: World, at: Machine, gone: Machine): Promise<void> {
  const input = { kma: gone.self.kmaName, as: 'retired' };
  world.operators.zeroise(gone);
  await done(world, at, asOfficer(at, new Random(1, 'officers'), 'DeleteKma', input));
}

test('a destruction is complete only once all is here that members have of the log of a retired one, which may tell of a backup; found by seed 350', async () => {
  const world = await cluster(3);
  const [one, two, three] = world.machines;
  assert.ok(one && two && three);
  const { dataUnitId, keyId } = await compromisedKey(world, two);
  for (const { place } of [two, three]) {
    world.network.cut(one.place, place);
    world.network.cut(place, one.place);
  }
  const clerks = new Clerks(world, new Random(1, 'backups'));
  // The first one needs a core security backup that somebody has downloaded.
  for (
    let tries = 0;
    tries < 5 && ![...world.copies.backups.values()].some(({ fetched }) => fetched);
    tries++
  ) {
    await clerks.backUp(three);
    await pass(world, 1);
  }
  const [file] = world.copies.backups.values();
  assert.ok(file?.fetched);
  const { backupId } = file.made;
  await done(world, two, asUser(two, 'olga', 'DestroyKeys', { dataUnitId, ...COMMENT }));
  await pass(world, 2);
  assert.deepEqual(backupsWith(two, keyId), [backupId]);

  await retire(world, one, three);
  world.network.heal();
  for (let minutes = 0; minutes < 3; minutes++) {
    await clerks.upkeep(one);
    await clerks.confirmErasures(one);
    await world.schedule.run(world.schedule.nowMs + 60_000);
  }
  // The other one has not said yet how much it has.
  assert.deepEqual(backupsWith(one, keyId), []);
  assert.equal(stateAt(one, keyId), 'DESTROYED_COMPROMISED_INCOMPLETE');
  await pass(world, 5);
  for (const machine of [one, two]) {
    assert.deepEqual(backupsWith(machine, keyId), [backupId], machine.place);
    assert.equal(stateAt(machine, keyId), 'DESTROYED_COMPROMISED_INCOMPLETE', machine.place);
  }

  file.destroyed = true;
  await done(world, one, asUser(one, 'bert', 'ConfirmBackupDestroyed', { backupId, ...COMMENT }));
  await pass(world, 2);
  world.states.look();
  for (const machine of [one, two])
    assert.equal(stateAt(machine, keyId), 'DESTROYED_COMPROMISED_COMPLETE', machine.place);
});

/** Of a key that is retrieved before something comes from elsewhere that goes into the same sync, and once more afterwards. */
async function answersOfSlowDisk(
  world: World,
  machine: Machine,
  agent: Fingerprint,
  keyId: string,
  elsewhere: () => Promise<unknown>,
): Promise<string[]> {
  const retrieve = asAgent(agent, 'RetrieveKey', { keyId, dataUnit: NO_UNIT, keyGroupId: '' });
  const answers: string[] = [];
  const note = (answer: Answer) => void answers.push(isRefusal(answer) ? answer.refused : 'answered');
  machine.syncMs = SLOW_SYNC_MS;
  const change = { policy: 'long', description: 'slow' };
  await world.call(machine, asUser(machine, 'clara', 'ModifyKeyPolicy', change));
  await world.schedule.run(world.schedule.nowMs + 100);
  await world.call(machine, retrieve, note);
  const before = machine.store.vector();
  await elsewhere();
  await world.schedule.run(world.schedule.nowMs + SLOW_SYNC_MS);
  assert.notDeepEqual(machine.store.vector(), before);
  assert.deepEqual(answers, []);
  await world.schedule.run(world.schedule.nowMs + SLOW_SYNC_MS);
  await world.call(machine, retrieve, note);
  await world.schedule.run(world.schedule.nowMs + 2 * SLOW_SYNC_MS);
  return answers;
}

test('a hand-out that was decided before a destruction came is answered although a slow disk syncs both at once, and the next one is refused', async () => {
  const world = await cluster(3);
  const [one, two] = world.machines;
  assert.ok(one && two);
  const { agent, dataUnitId, keyId } = await compromisedKey(world, one);
  const answers = await answersOfSlowDisk(world, two, agent, keyId, () =>
    done(world, one, asUser(one, 'olga', 'DestroyKeys', { dataUnitId, ...COMMENT })),
  );
  assert.deepEqual(answers, ['answered', 'AGENT_KEY_DESTROYED']);
});

test('an agent is served whose removal comes while a slow disk syncs what was decided before, and refused afterwards', async () => {
  const world = await cluster(3);
  const [one, two] = world.machines;
  assert.ok(one && two);
  const { agent, keyId } = await compromisedKey(world, one);
  const answers = await answersOfSlowDisk(world, two, agent, keyId, () =>
    done(world, one, asUser(one, 'olga', 'DeleteAgent', { agent: 'drive-1' })),
  );
  assert.deepEqual(answers, ['answered', 'ACCESS_DENIED']);
});
