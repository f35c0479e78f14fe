/** Agents' requests as counts: each operation of the wire in one kind, and sums that add up. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hourOf, kindOf, meanMsOf, NO_COUNTS, requestsOf, sumOf, withRequest } from './agent-performance.ts';

test('each kind has its operations, and what is none of them is other', () => {
  const kinds = {
    CreateKey: 'createKey',
    CreateKey2: 'createKey',
    RetrieveKey: 'retrieveKey',
    RetrieveKey2: 'retrieveKey',
    RetrieveDataUnitKeys: 'retrieveKey',
    RetrieveDataUnitKeys2: 'retrieveKey',
    RetrieveProtectAndProcessKey: 'retrieveKey',
    RetrieveProtectAndProcessKey2: 'retrieveKey',
    RegisterAgentKWK: 'registerKwk',
    RetrieveDataUnit: 'other',
    CreateDataUnit: 'other',
    GetAgentKWKPublicKey: 'other',
    RevokeKey: 'other',
  };
  for (const [operation, kind] of Object.entries(kinds)) assert.equal(kindOf(operation), kind, operation);
});

test('requests add up, refused ones once in their kind and once as refused', () => {
  const requests = [
    { operation: 'CreateKey2', refused: false, durationMs: 2 },
    { operation: 'CreateKey2', refused: true, durationMs: 1 },
    { operation: 'RetrieveKey', refused: false, durationMs: 0.5 },
    { operation: 'RegisterAgentKWK', refused: false, durationMs: 1 },
    { operation: 'ListKeyGroups', refused: false, durationMs: 0.5 },
  ];
  const counts = requests.reduce(withRequest, NO_COUNTS);
  assert.deepEqual(counts, {
    createKey: 2,
    retrieveKey: 1,
    registerKwk: 1,
    other: 1,
    refused: 1,
    totalMs: 5,
  });
  assert.equal(meanMsOf(counts), 1);
  assert.equal(meanMsOf({ ...counts, totalMs: 1 }), 0.2);
  assert.equal(meanMsOf({ ...counts, createKey: 3, totalMs: 1 }), 0.167);
  assert.deepEqual([requestsOf(counts), requestsOf(NO_COUNTS), meanMsOf(NO_COUNTS)], [5, 0, 0]);
});

test('counts of several agents add up', () => {
  const one = { createKey: 1, retrieveKey: 2, registerKwk: 3, other: 4, refused: 5, totalMs: 6.5 };
  assert.deepEqual(sumOf([one, NO_COUNTS, one]), {
    createKey: 2,
    retrieveKey: 4,
    registerKwk: 6,
    other: 8,
    refused: 10,
    totalMs: 13,
  });
  assert.deepEqual(sumOf([]), NO_COUNTS);
});

test('an hour begins with its first millisecond', () => {
  assert.deepEqual([hourOf(3_599_999), hourOf(3_600_000)], [0, 1]);
});
