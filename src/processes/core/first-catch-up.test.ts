/** A KMA that has just started: behind until it has all that the others have, or for some seconds. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FirstCatchUp } from './first-catch-up.ts';

function world(isAlone = false) {
  const state = { ms: 500, hasAll: false };
  const first = new FirstCatchUp({
    elapsedMs: () => state.ms,
    isAlone: () => isAlone,
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
