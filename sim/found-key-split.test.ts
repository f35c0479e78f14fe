/** Key splits in the simulated world, each with its history made by hand: one that is lost with its maker, one that another member still has, and two that were made on both sides of a cut network. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { currentKeySplit } from '../src/core/key-split-standing.ts';
import { missingSplit } from '../src/core/missing-split.ts';
import { isRefusal } from '../src/core/refusal.ts';
import { findOperation } from '../src/operations/catalogue.ts';
import type { Operation } from '../src/operations/operation.ts';
import { between, cut } from './faults/network.ts';
import { cluster, done, pass } from './found.fixture.ts';
import type { Machine } from './machine.ts';
import { Random } from './random.ts';
import type { Seams } from './seams.ts';
import { Violation } from './violation.ts';
import { asOfficer, CREDENTIALS, credentialsOf, splitSearchOf } from './workload/people.ts';
import type { World } from './world.ts';

const RANDOM = new Random(1, 'who');
const NEW = ['dora', 'emil'];
const NEXT = ['fred', 'gina'];

const change = (machine: Machine, credentials: readonly string[], newCredentials: readonly string[]) => ({
  ...asOfficer(machine, RANDOM, 'ModifyKeySplit', { threshold: 2 }),
  credentials,
  newCredentials,
});
const splitOf = ({ store }: Machine) => currentKeySplit(store.state) ?? assert.fail();
const splitObjects = ({ store }: Machine) =>
  [...store.objectIds()].filter((id) => store.getObject(id)?.kind === 'key-split');

async function refusalOf(world: World, machine: Machine, call: ReturnType<typeof change>): Promise<string> {
  const refused: string[] = [];
  await world.call(machine, call, (answer) => refused.push(isRefusal(answer) ? answer.refused : 'accepted'));
  await world.schedule.run(world.schedule.nowMs + 5_000);
  return refused[0] ?? 'not answered';
}

/** The first of three has changed it, and its facts are at the others; its object is given to whom `getsIt` says. */
async function changedByFirst(getsIt: (place: string) => boolean, seams: Partial<Seams> = {}) {
  const held = { back: true };
  const world = await cluster(3, {
    ...seams,
    isWanted: (id, store) => {
      const { place } = world.machines.find((machine) => machine.store === store) ?? assert.fail();
      const isNewSplit = store.lacks().get(id)?.table === 'key_split';
      return store.lacks().has(id) && (!isNewSplit || !held.back || getsIt(place));
    },
  });
  const [one, two, three] = world.machines;
  assert.ok(one && two && three);
  await pass(world, 2);
  await done(world, one, change(one, CREDENTIALS, NEW));
  await pass(world, 2);
  for (const machine of [two, three]) assert.equal(splitOf(machine).id, splitOf(one).id);
  return { world, held, one, two, three };
}

test('a key split that went with its maker, before anybody had it, is changed by the quorum of the one before', async () => {
  const { world, held, one, two, three } = await changedByFirst(() => false);
  assert.equal(await refusalOf(world, two, change(two, CREDENTIALS, NEXT)), 'CORE_SECURITY_NOT_FOUND');
  await world.operators.remove(one, 'retired', two);
  await pass(world, 2);
  assert.deepEqual(credentialsOf(two, 'ModifyKeySplit'), CREDENTIALS);
  for (const other of ['SetAutonomousUnlock', 'CreateKma', 'ApprovePendingOperation'])
    assert.deepEqual(credentialsOf(two, other), NEW, `${other} is approved by nobody`);
  assert.equal(await refusalOf(world, two, change(two, NEW, NEXT)), 'QUORUM_NOT_MET');
  await done(world, two, change(two, CREDENTIALS, NEXT));
  held.back = false;
  await pass(world, 2);
  for (const machine of [two, three]) {
    assert.deepEqual(credentialsOf(machine, 'ModifyKeySplit'), NEXT);
    assert.deepEqual(splitObjects(machine), [splitOf(machine).objectId], 'the ones before are erased');
  }
  await done(world, three, change(three, NEXT, CREDENTIALS));
});

test('it is not while another member has it, nor while one that may have it does not answer', async () => {
  const { world, held, one, two, three } = await changedByFirst((place) => place === 'm3');
  assert.ok(three.store.hasObject(splitOf(three).objectId ?? ''), three.place);
  await world.operators.remove(one, 'retired', two);
  await pass(world, 2);
  const before = () => refusalOf(world, two, change(two, CREDENTIALS, NEXT));
  assert.equal(await before(), 'CORE_SECURITY_NOT_FOUND', 'it only has not come yet');
  const heal = cut(world, between([three], [two]));
  await pass(world, 5);
  assert.equal(await before(), 'CORE_SECURITY_NOT_FOUND', 'silence is no answer');
  held.back = false;
  heal();
  await pass(world, 2);
  assert.equal(await before(), 'QUORUM_NOT_MET');
  await done(world, two, change(two, NEW, NEXT));
});

/** As a KMA would that asked nobody. */
function earlier(name: string): Operation | undefined {
  const operation = findOperation(name);
  return name === 'ModifyKeySplit' && operation !== undefined
    ? { ...operation, earlierKeySplit: true }
    : operation;
}

test('a KMA that let the quorum of the one before change it all the same would be told', async () => {
  const { world, one, two } = await changedByFirst((place) => place === 'm3', { findOperation: earlier });
  await world.operators.remove(one, 'retired', two);
  await pass(world, 2);
  await assert.rejects(
    done(world, two, change(two, CREDENTIALS, NEXT)),
    (error) => error instanceof Violation && error.invariant === 8 && /and m3 has it$/.test(error.message),
  );
});

/**
 * The third is cut off while the first changes the key split, and the second once more; what the second made comes to nobody,
 * and it is removed. What the first made is retired, so the third looks for it no more.
 */
async function changedTwice(seams: Partial<Seams> = {}) {
  const held = { back: false };
  const world = await cluster(3, {
    ...seams,
    isWanted: (id, store) =>
      store.lacks().has(id) && !(held.back && store.lacks().get(id)?.table === 'key_split'),
  });
  const [one, two, three] = world.machines;
  assert.ok(one && two && three);
  await pass(world, 2);
  const heal = cut(world, between([three], [one, two]));
  await done(world, one, change(one, CREDENTIALS, NEW));
  await pass(world, 2);
  held.back = true;
  await done(world, two, change(two, NEW, NEXT));
  await pass(world, 2);
  await world.operators.remove(two, 'retired', one);
  await pass(world, 1);
  heal();
  await pass(world, 5);
  assert.deepEqual(splitObjects(three).length, 1);
  return { world, one, three };
}

test('whom a change between left out gets no say back at a member that never had that one: where it is, its quorum changes it', async () => {
  const { world, one, three } = await changedTwice();
  const refused = await refusalOf(world, three, change(three, CREDENTIALS, CREDENTIALS));
  assert.equal(refused, 'CORE_SECURITY_NOT_FOUND');
  assert.deepEqual(missingSplit(splitSearchOf(three)), { at: 'others', kmaIds: [one.self.kmaId] });
  assert.deepEqual(credentialsOf(one, 'ModifyKeySplit'), NEW);
  await done(world, one, change(one, NEW, NEXT));
});

test('an operator who is told that another member may have it makes the change there (seed 481)', async () => {
  for (const drawn of [0, 1, 2, 3]) {
    const { world, one } = await changedTwice();
    const lost = splitOf(one).id;
    // At whom he asks first is drawn, and so is this.
    for (let clocks = 0; clocks < drawn; clocks++) await world.operators.acceptClocks();
    await world.operators.round();
    await world.schedule.run(world.schedule.nowMs + 5_000);
    assert.notEqual(splitOf(one).id, lost, String(drawn));
    assert.deepEqual(credentialsOf(one, 'UnlockKma'), CREDENTIALS);
  }
});

test('a KMA that gave it to them all the same would be told', async () => {
  const { world, three } = await changedTwice({ findOperation: earlier });
  await assert.rejects(
    done(world, three, change(three, CREDENTIALS, CREDENTIALS)),
    (error) => error instanceof Violation && error.invariant === 8 && /and m1 has /.test(error.message),
  );
});

test('nor while one that is cut off has not answered, and once it has they change it', async () => {
  const { world, two, three, one } = await changedByFirst(() => false);
  const heal = cut(world, between([three], [one, two]));
  await world.operators.remove(one, 'retired', two);
  await pass(world, 5);
  const before = () => refusalOf(world, two, change(two, CREDENTIALS, NEXT));
  assert.equal(await before(), 'CORE_SECURITY_NOT_FOUND');
  heal();
  await pass(world, 2);
  await done(world, two, change(two, CREDENTIALS, NEXT));
});

test('of key splits made on both sides of a cut network the one that did not prevail goes with the next change', async () => {
  const world = await cluster(3);
  const [one, two, three] = world.machines;
  assert.ok(one && two && three);
  await pass(world, 2);
  const heal = cut(world, between([one], [two, three]));
  await done(world, one, change(one, CREDENTIALS, NEW));
  await pass(world, 1);
  await done(world, two, change(two, CREDENTIALS, NEXT));
  heal();
  await pass(world, 3);
  for (const machine of world.machines) {
    assert.deepEqual(credentialsOf(machine, 'ModifyKeySplit'), NEXT);
    assert.equal(
      splitObjects(machine).length,
      2,
      `nobody has said at ${machine.place} that the other is over`,
    );
  }
  await done(world, three, change(three, NEXT, CREDENTIALS));
  await pass(world, 2);
  for (const machine of world.machines)
    assert.deepEqual(splitObjects(machine), [splitOf(machine).objectId], machine.place);
});
