/** A KMA that has just started: behind until it has all that the others have, or for some seconds; longer, and until all have told, where its store was put back. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FirstCatchUp } from './first-catch-up.ts';

function world(isAlone = false, isPutBack = false) {
  const state = { ms: 500, hasAll: false, responds: false, allTold: false, ended: 0 };
  const first = new FirstCatchUp({
    elapsedMs: () => state.ms,
    isAlone: () => isAlone,
    isPutBack,
    someoneResponds: () => state.responds,
    hasAll: () => state.hasAll,
    allTold: () => state.allTold,
    ended: () => state.ended++,
  });
  first.stop();
  const lookEach = (ms: number, seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      state.ms += ms;
      first.look();
    }
  };
  return { first, state, lookEach };
}

test('it is behind until it has all that others have, and then never again', () => {
  const { first, state } = world();
  assert.equal(first.isBehind, true);
  state.hasAll = true;
  assert.equal(first.isBehind, false);
  state.hasAll = false;
  assert.equal(first.isBehind, false);
  assert.deepEqual([first.isPutBack, state.ended], [false, 0]);
});

test('where nobody comes it stops waiting after some seconds, and a KMA alone never waits', () => {
  const { first, state } = world();
  state.ms += 9_999;
  assert.equal(first.isBehind, true);
  state.ms += 1;
  assert.equal(first.isBehind, false);
  assert.equal(world(true).first.isBehind, false);
});

test('one whose store was put back waits until all have told and nobody has more', () => {
  const { first, state } = world(false, true);
  assert.deepEqual([first.isBehind, first.isPutBack], [true, true]);
  state.responds = true;
  state.hasAll = true;
  assert.equal(first.isBehind, true, 'somebody who has not come may have more');
  state.allTold = true;
  assert.deepEqual([first.isBehind, first.isPutBack, state.ended], [false, false, 1]);
  first.look();
  assert.equal(state.ended, 1);
  const alone = world(true, true);
  assert.deepEqual([alone.first.isBehind, alone.state.ended], [false, 1]);
});

test('it waits a minute where nobody comes, or who does not come may be gone', () => {
  for (const responds of [false, true]) {
    const { first, state } = world(false, true);
    state.responds = responds;
    state.hasAll = responds;
    state.ms += 59_999;
    assert.equal(first.isBehind, true);
    state.ms += 1;
    assert.equal(first.isBehind, false);
  }
});

test('a member with more that is silent for some seconds does not end the waiting, and ten minutes do', () => {
  const { first, state, lookEach } = world(false, true);
  state.responds = true;
  lookEach(1_000, 300);
  state.responds = false;
  lookEach(1_000, 59);
  assert.equal(first.isBehind, true);
  state.responds = true;
  lookEach(1_000, 240);
  assert.equal(first.isBehind, true);
  lookEach(1_000, 1);
  assert.equal(first.isBehind, false);
});
