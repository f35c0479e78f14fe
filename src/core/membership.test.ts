/** Who is no member any more, by the row of the KMA. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ObjectId } from './ids.ts';
import { absenceOf } from './membership.ts';
import type { Stamp } from './stamp.ts';

const row = (change: object = {}) => ({
  removedStamp: null as Stamp | null,
  removedHow: null,
  verifierObjectId: 'NEW' as ObjectId,
  certificateVerifierObjectId: 'NEW' as ObjectId,
  ...change,
});

test('a KMA counts while its certificate was got with the passphrase of now, and while it was not removed', () => {
  assert.equal(absenceOf(row()), null);
  assert.equal(absenceOf(row({ verifierObjectId: null, certificateVerifierObjectId: null })), null);
  assert.equal(absenceOf(row({ certificateVerifierObjectId: 'OLD' })), 'logged-out');
  assert.equal(absenceOf(row({ certificateVerifierObjectId: null })), 'logged-out');
  assert.equal(absenceOf(row({ removedStamp: 'S', removedHow: 'lost' })), 'lost');
  assert.equal(absenceOf(row({ removedStamp: 'S', certificateVerifierObjectId: 'OLD' })), 'retired');
  assert.equal(absenceOf(row({ removedStamp: 'S', removedHow: 'no word of ours' })), 'retired');
});
