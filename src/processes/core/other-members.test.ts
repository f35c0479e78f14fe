/** Asking other members for one call: bounded in all, never where nobody is, and objects waited for until they are here. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ObjectId } from '../../core/ids.ts';
import { ObjectArrivals } from './object-arrivals.ts';
import { CATCH_UP_MS, otherMembers } from './other-members.ts';

const ID = 'A'.repeat(32) as ObjectId;

function world(
  responds = true,
  missing = true,
  behind = false,
  inTime = true,
  awaits = false,
  isPutBack = false,
) {
  const asked: [string, number][] = [];
  const time = { ms: 1_000 };
  const others = otherMembers({
    someoneResponds: () => responds,
    isBehind: () => behind,
    isPutBack: () => isPutBack,
    awaitsSomeone: () => awaits,
    elapsedMs: () => time.ms,
    async catchUp(timeoutMs) {
      asked.push(['catch up', timeoutMs]);
      return inTime;
    },
    anyMissing: () => missing,
    arrival: async ([id = ''], timeoutMs) => void asked.push([id, timeoutMs]),
  });
  return { asked, time, others };
}

test('where nobody responds there is nobody to ask', () => {
  assert.equal(world(false).others, undefined);
});

test('a KMA that has just started asks all the same, and says that nobody could be asked', async () => {
  assert.equal(await world().others?.catchUp(), 'done');
  assert.equal(await world(false, true, true).others?.catchUp(), 'just-started');
  assert.equal(await world(true, true, true, false).others?.catchUp(), 'just-started');
  assert.equal(await world(true, true, false, false).others?.catchUp(), 'late');
  for (const responds of [true, false])
    assert.equal(await world(responds, true, false, true, true).others?.catchUp(), 'late');
});

test('what was used for catching up is not left for fetching, and in the end nothing is', async () => {
  const { asked, time, others } = world();
  await others?.catchUp();
  time.ms += 300;
  await others?.fetch(() => [ID]);
  time.ms += 200;
  await others?.fetch(() => [ID]);
  assert.equal(await others?.catchUp(), 'late');
  assert.deepEqual(asked, [
    ['catch up', CATCH_UP_MS],
    [ID, CATCH_UP_MS - 300],
  ]);
});

test('where nothing is missing, what is needed is not even looked up', async () => {
  const { asked, others } = world(true, false);
  await others?.fetch(() => assert.fail('looked up'));
  assert.deepEqual(asked, []);
});

function arrivals(...missing: string[]) {
  const still = new Set(missing);
  let told = 0;
  const waiting = new ObjectArrivals({ isMissing: (id) => still.has(id), urgent: () => (told += 1) });
  return { still, waiting, told: () => told };
}

test('an object is waited for until it is here, and is urgent until then', async () => {
  const { still, waiting, told } = arrivals(ID);
  const [first, second] = [waiting.wait([ID], 60_000), waiting.wait([ID], 60_000)];
  assert.deepEqual([waiting.urgent(), told()], [[ID], 2]);
  waiting.look();
  assert.deepEqual(waiting.urgent(), [ID]);
  still.delete(ID);
  waiting.look();
  await Promise.all([first, second]);
  assert.deepEqual(waiting.urgent(), []);
});

test('what is here is not waited for, and what does not come is let go after a time', async () => {
  const { waiting, told } = arrivals('B');
  await waiting.wait([ID], 60_000);
  await waiting.wait(['B' as ObjectId], 0);
  assert.equal(told(), 0);
  await waiting.wait(['B' as ObjectId], 1);
  assert.deepEqual([waiting.urgent(), told()], [[], 1]);
});

test('others are ahead of a KMA whose store was put back, and of no other', () => {
  assert.equal(world(true, true, true, true, false, true).others?.areAhead, true);
  assert.equal(world(true, true, true).others?.areAhead, false);
});
