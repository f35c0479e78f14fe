/** A member is dialled ever later while nothing comes of it, and soon again once a connection was in use. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Redial } from './redial.ts';

/** Milliseconds until each attempt, when every connection ends at once, in use or not. */
async function waits(
  context: { mock: typeof import('node:test').mock },
  wasInUse: boolean,
): Promise<number[]> {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  let attempts = 0;
  const redial: Redial = new Redial({
    attempt: async () => {
      attempts += 1;
      return true;
    },
    blockedMs: () => 0,
    random: () => 0.5,
  });
  const found: number[] = [];
  for (let n = 1; n <= 8; n++) {
    let waited = 0;
    for (; attempts < n; waited += 10) context.mock.timers.tick(10);
    found.push(waited);
    await new Promise((resolve) => setImmediate(resolve));
    redial.lost(wasInUse);
  }
  redial.stop();
  return found;
}

test('who accepts and hangs up is dialled ever later, up to ten seconds', async (context) => {
  const [, ...found] = await waits(context, false);
  assert.deepEqual(found, [500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
});

test('one that is away is dialled ever later, and never as late as it waits for that when it is back', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  let attempts = 0;
  const attempt = async () => {
    attempts += 1;
    return false;
  };
  const redial = new Redial({ attempt, blockedMs: () => 0, random: () => 0.5 });
  const found: number[] = [];
  for (let n = 1; n <= 6; n++) {
    let waited = 0;
    for (; attempts < n; waited += 10) context.mock.timers.tick(10);
    found.push(waited);
    await new Promise((resolve) => setImmediate(resolve));
  }
  redial.stop();
  assert.deepEqual(found.slice(1), [500, 1_000, 2_000, 2_000, 2_000]);
});

test('a connection that was in use is made again soon', async (context) => {
  const [, ...found] = await waits(context, true);
  assert.deepEqual(new Set(found), new Set([250]));
});

test('once it is welcome again a member is dialled soon', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  let attempts = 0;
  const attempt = async () => {
    attempts += 1;
    return true;
  };
  const redial: Redial = new Redial({ attempt, blockedMs: () => 0, random: () => 0.5 });
  for (let n = 0; n < 6; n++) {
    context.mock.timers.tick(20_000);
    await new Promise((resolve) => setImmediate(resolve));
    redial.lost(false);
  }
  const before = attempts;
  redial.soon();
  context.mock.timers.tick(250);
  assert.equal(attempts, before + 1);
  redial.stop();
});
