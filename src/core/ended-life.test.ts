/** The lives that are over for a KMA. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isEndedLife } from './ended-life.ts';
import { created, event } from './facts.ts';
import { foldFact } from './fold.ts';
import type { IncarnationId, KmaId } from './ids.ts';
import { MapState } from './map-state.ts';
import { HLC_ZERO, stampOf } from './stamp.ts';
import type { Row } from './tables.ts';

const self = { kmaId: 'kma-1', incarnationId: 'now' };
const state = new MapState();
const STAMP = stampOf(HLC_ZERO, 'A'.repeat(16) as IncarnationId);
const life = (id: string, kmaId: string, endedStamp: string | null) =>
  ({ id, kmaId, endedStamp }) as unknown as Row<'incarnation'>;

test('a life is over where it was ended, or where this KMA lives another one', () => {
  assert.equal(isEndedLife(state, life('now', 'kma-1', null), self), false);
  assert.equal(
    isEndedLife(state, life('before', 'kma-1', null), self),
    true,
    'a copy does not end the original',
  );
  assert.equal(isEndedLife(state, life('before', 'kma-1', 'stamp'), self), true);
  assert.equal(isEndedLife(state, life('other', 'kma-2', null), self), false);
  assert.equal(isEndedLife(state, life('other', 'kma-2', 'stamp'), self), true);
});

test('the lives of a KMA that was removed are over, also where nobody ended them', () => {
  const members = new MapState();
  const id = 'kma-2' as KmaId;
  foldFact(members, created('kma', id, { name: 'kma-2', createdAt: 1, number: 2 }), STAMP);
  assert.equal(isEndedLife(members, life('other', 'kma-2', null), self), false);
  foldFact(members, event('kma', id, 'removed', { removedHow: 'lost' }), STAMP);
  assert.equal(isEndedLife(members, life('other', 'kma-2', null), self), true);
});
