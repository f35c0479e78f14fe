/** Which root CA certificates a proof may have begun with, before and after a renewal. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { set } from './facts.ts';
import { foldEntry } from './fold.ts';
import type { IncarnationId } from './ids.ts';
import { MapState } from './map-state.ts';
import { rootsOfProofs } from './root-ca.ts';
import { HLC_ZERO, nextHlc, stampOf } from './stamp.ts';

const RENEWED_MS = 1_000_000;

function stateWith(cells: Parameters<typeof set<'certificate_authority'>>[2]): MapState {
  const state = new MapState();
  const stamp = stampOf(nextHlc(HLC_ZERO, RENEWED_MS), '1'.repeat(16) as IncarnationId);
  foldEntry(state, { v: 1, stamp, operation: 'Test', facts: [set('certificate_authority', 'root', cells)] });
  return state;
}

test('there is none before there is a root, and one before a renewal', () => {
  assert.deepEqual(rootsOfProofs(new MapState(), RENEWED_MS), []);
  assert.deepEqual(rootsOfProofs(stateWith({ certificatePem: 'new' }), RENEWED_MS), ['new']);
});

test('for three minutes after a renewal the one before counts too, also where another clock made it', () => {
  const renewed = stateWith({ certificatePem: 'new', previousCertificatePem: 'old', renewedAt: RENEWED_MS });
  for (const sinceMs of [-5_000, 0, 179_999])
    assert.deepEqual(rootsOfProofs(renewed, RENEWED_MS + sinceMs), ['new', 'old']);
  assert.deepEqual(rootsOfProofs(renewed, RENEWED_MS + 180_000), ['new']);
});
