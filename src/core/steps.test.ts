/** Work in steps that is done at once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atOnce, type Steps } from './steps.ts';

test('all steps are taken, and what came of them is given', () => {
  let taken = 0;
  function* counting(): Steps<string> {
    for (; taken < 3; taken++) yield { done: taken, total: 3 };
    return 'counted';
  }
  assert.equal(atOnce(counting()), 'counted');
  assert.equal(taken, 3);
});
