/** States of parts with much to say. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boundedState } from './bounded-state.ts';
import { partState, TROUBLES_MAX } from './messages.ts';

const troubles = (count: number) => Array.from({ length: count }, (_, at) => `trouble ${at + 1}`);

test('as many troubles as a message takes are all told; of more the first, and how many there are besides', () => {
  const all = { summary: 'bad', troubles: troubles(TROUBLES_MAX), details: { down: 1 } };
  assert.deepEqual(boundedState(all), all);
  const told = boundedState({ ...all, troubles: troubles(TROUBLES_MAX + 1) });
  assert.deepEqual(told.troubles, [...troubles(TROUBLES_MAX - 1), 'and 2 more']);
});

test('whatever its length, a state fits its message', () => {
  const long = { summary: 'x'.repeat(10_000), troubles: ['y'.repeat(10_000), ...troubles(500)], details: {} };
  assert.equal(partState.safeParse(long).success, false);
  assert.equal(partState.safeParse(boundedState(long)).success, true);
});
