/** The lives that are over for a KMA. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isEndedLife } from './ended-life.ts';
import type { Row } from './tables.ts';

const self = { kmaId: 'kma-1', incarnationId: 'now' };
const life = (id: string, kmaId: string, endedStamp: string | null) =>
  ({ id, kmaId, endedStamp }) as unknown as Row<'incarnation'>;

test('a life is over where it was ended, or where this KMA lives another one', () => {
  assert.equal(isEndedLife(life('now', 'kma-1', null), self), false);
  assert.equal(isEndedLife(life('before', 'kma-1', null), self), true, 'a copy does not end the original');
  assert.equal(isEndedLife(life('before', 'kma-1', 'stamp'), self), true);
  assert.equal(isEndedLife(life('other', 'kma-2', null), self), false);
  assert.equal(isEndedLife(life('other', 'kma-2', 'stamp'), self), true);
});
