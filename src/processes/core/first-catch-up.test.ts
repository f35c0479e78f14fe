/** A KMA that has just started: behind until it has all that the others have, or for some seconds; longer where its store was put back. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FirstCatchUp } from './first-catch-up.ts';

function world(isAlone = false, isPutBack = false) {
  const state = { ms: 500, hasAll: false, responds: false };
  const first = new FirstCatchUp({
    elapsedMs: () => state.ms,
    isAlone: () => isAlone,
    isPutBack,
    someoneResponds: () => state.responds,
    hasAll: () => state.hasAll,
  });
  return { first, state };
}

test('it is behind until it has all that others have, and then never again', () => {
  const { first, state } = world();
  assert.equal(first.isBehind, true);
  state.hasAll = true;
  assert.equal(first.isBehind, false);
  state.hasAll = false;
  assert.equal(first.isBehind, false);
});

test('where nobody comes it stops waiting after some seconds, and a KMA alone never waits', () => {
  const { first, state } = world();
  state.ms += 9_999;
  assert.equal(first.isBehind, true);
  state.ms += 1;
  assert.equal(first.isBehind, false);
  assert.equal(world(true).first.isBehind, false);
});

test('one whose store was put back waits a minute for somebody, and ten for what somebody has', () => {
  const { first, state } = world(false, true);
  state.ms += 59_999;
  assert.equal(first.isBehind, true);
  state.responds = true;
  state.ms += 540_000;
  assert.equal(first.isBehind, true);
  state.ms += 1;
  assert.equal(first.isBehind, false);
  const alone = world(false, true);
  alone.state.ms += 60_000;
  assert.equal(alone.first.isBehind, false);
  const caughtUp = world(false, true);
  caughtUp.state.hasAll = true;
  assert.equal(caughtUp.first.isBehind, false);
  assert.equal(world(true, true).first.isBehind, false);
});
