/** When a KMA that has joined has what the others had, and how much of it is there. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { caughtUp, hasCaughtUp } from './catching-up.ts';

const all = (vector: Record<string, number>) => ({ applied: vector, holds: vector });

test('every log has to be there as far as each of them had it, with its keys', () => {
  assert.ok(hasCaughtUp(all({ A: 5, B: 2 }), [all({ A: 5 }), all({ A: 3, B: 2 })]));
  assert.ok(!hasCaughtUp(all({ A: 5, B: 1 }), [all({ A: 5 }), all({ A: 3, B: 2 })]));
  assert.ok(!hasCaughtUp(all({ A: 5 }), [all({ A: 5, C: 1 })]));
  assert.ok(hasCaughtUp(all({ A: 5 }), [all({ C: 0 })]));
  assert.ok(!hasCaughtUp({ applied: { A: 5 }, holds: { A: 3 } }, [all({ A: 5 })]));
});

test('a sealed object that the others do not have either is not waited for', () => {
  const here = { applied: { A: 5 }, holds: { A: 3 } };
  assert.ok(hasCaughtUp(here, [{ applied: { A: 5 }, holds: { A: 3 } }]));
  assert.ok(!hasCaughtUp(here, [{ applied: { A: 5 }, holds: { A: 4 } }]));
});

test('of what is here only what the others had counts', () => {
  const had = [all({ A: 5 }), all({ A: 7, B: 2 })];
  assert.equal(caughtUp(all({}), had), 0);
  assert.equal(caughtUp({ applied: { A: 6 }, holds: { A: 4 } }, had), 10);
  assert.equal(caughtUp(all({ A: 900, B: 1, C: 40 }), had), 16);
});
