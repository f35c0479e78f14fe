/** The login attempt limit disables the proof of most, slows the last officer, and slows a source that fails often. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  afterFailure,
  disablesProof,
  type ProofFailures,
  type ProofQuestion,
  SOURCE_FORGOTTEN_MS,
  waitBeforeProofMs,
  withoutAttempt,
} from './proof-limit.ts';

const NOW = 1_800_000_000_000;
const failed = (count: number, lastMs = NOW): ProofFailures => ({ count, lastMs });
const question = (given: Partial<ProofQuestion>): ProofQuestion => ({
  entity: undefined,
  source: undefined,
  limit: 5,
  slowed: false,
  nowMs: NOW,
  ...given,
});

test('counts failures in a row', () => {
  assert.deepEqual(afterFailure(undefined, 7), { count: 1, lastMs: 7 });
  assert.deepEqual(afterFailure(failed(4, 7), 9), { count: 5, lastMs: 9 });
});

test('an attempt taken back leaves the others and their time', () => {
  assert.equal(withoutAttempt(failed(1, 7), 7, undefined), undefined);
  assert.deepEqual(withoutAttempt(failed(3, 9), 9, failed(2, 7)), failed(2, 7));
  assert.deepEqual(withoutAttempt(failed(3, 9), 8, failed(1, 7)), failed(2, 9));
});

test('the failure that reaches the limit disables the proof, not the one before', () => {
  const rule = { limit: 5, neverDisabled: false };
  assert.deepEqual(
    [4, 5, 6].map((count) => disablesProof(failed(count), rule)),
    [false, true, true],
  );
});

test('the last usable Security Officer is never disabled, and waits longer with each failure', () => {
  assert.equal(disablesProof(failed(1000), { limit: 5, neverDisabled: true }), false);
  const waits = [4, 5, 6, 7, 50].map((count) =>
    waitBeforeProofMs(question({ entity: failed(count), slowed: true })),
  );
  assert.deepEqual(waits, [0, 1000, 2000, 4000, 300_000]);
});

test('a name that need not wait does not', () => {
  assert.equal(waitBeforeProofMs(question({ entity: failed(4) })), 0);
});

test('the wait runs out, and a clock set back does not lengthen it', () => {
  const wait = (nowMs: number) => waitBeforeProofMs(question({ entity: failed(6), slowed: true, nowMs }));
  assert.deepEqual(
    [NOW, NOW + 500, NOW + 2000, NOW + 9000, NOW - 60_000].map(wait),
    [2000, 1500, 0, 0, 2000],
  );
});

test('a source may fail for several agents before it waits, and is forgotten after a quiet hour', () => {
  assert.equal(waitBeforeProofMs(question({ source: failed(20) })), 0);
  assert.equal(waitBeforeProofMs(question({ source: failed(21) })), 1000);
  assert.equal(waitBeforeProofMs(question({ source: failed(9000, NOW - SOURCE_FORGOTTEN_MS) })), 0);
});

test('the longer of two waits counts', () => {
  const both = question({ entity: failed(8), source: failed(21), slowed: true });
  assert.equal(waitBeforeProofMs(both), 8000);
});
