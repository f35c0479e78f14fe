/** When a KMA that has joined has what the others had. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasCaughtUp } from './catching-up.ts';

test('every log has to be there as far as each of them had it, with its keys', () => {
  assert.ok(hasCaughtUp({ A: 5, B: 2 }, [{ A: 5 }, { A: 3, B: 2 }]));
  assert.ok(!hasCaughtUp({ A: 5, B: 1 }, [{ A: 5 }, { A: 3, B: 2 }]));
  assert.ok(!hasCaughtUp({ A: 5 }, [{ A: 5, C: 1 }]));
  assert.ok(hasCaughtUp({ A: 5 }, [{ C: 0 }]));
});
