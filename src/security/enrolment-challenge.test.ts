/** Holds the 3331 challenge to its three minutes, its entity and its root. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { EnrolmentChallenges } from './enrolment-challenge.ts';
import { SecretBytes } from './secret-bytes.ts';

const MINUTE_MS = 60_000;
const NOW_MS = Date.UTC(2026, 10, 23, 12, 0, 0);
const challenges = new EnrolmentChallenges(new SecretBytes(randomBytes(32)));
const isValid = (issuedMs: number, usedMs: number, entity = 'agent1', root = 'root') =>
  challenges
    .valid(entity, root, usedMs)
    .some((valid) => valid.equals(challenges.challenge('agent1', 'root', issuedMs)));

test('has 20 bytes, as agents demand', () => {
  assert.equal(challenges.challenge('agent1', 'root', NOW_MS).length, 20);
  for (const valid of challenges.valid('agent1', 'root', NOW_MS)) assert.equal(valid.length, 20);
});

test('is valid in its own minute and the two after, and no longer', () => {
  for (const offsetMs of [0, 1, MINUTE_MS - 1, MINUTE_MS, 3 * MINUTE_MS - 1])
    assert.ok(isValid(NOW_MS, NOW_MS + offsetMs), `${offsetMs} ms later`);
  assert.ok(!isValid(NOW_MS, NOW_MS + 3 * MINUTE_MS));
  assert.ok(isValid(NOW_MS + MINUTE_MS - 1, NOW_MS + 3 * MINUTE_MS - 1));
  assert.ok(!isValid(NOW_MS + MINUTE_MS - 1, NOW_MS + 3 * MINUTE_MS));
});

test('is not valid before it was issued', () => {
  assert.ok(!isValid(NOW_MS, NOW_MS - 1));
});

test('offers three at a time, the newest first', () => {
  const valid = challenges.valid('agent1', 'root', NOW_MS);
  assert.equal(new Set(valid.map((bytes) => bytes.toString('hex'))).size, 3);
  assert.deepEqual(valid[0], challenges.challenge('agent1', 'root', NOW_MS));
});

test('is void for another entity, another root and another process', () => {
  assert.ok(!isValid(NOW_MS, NOW_MS, 'agent2'));
  assert.ok(!isValid(NOW_MS, NOW_MS, 'agent1', 'renewed root'));
  assert.ok(!isValid(NOW_MS, NOW_MS, 'agent1","root'));
  const restarted = new EnrolmentChallenges(new SecretBytes(randomBytes(32)));
  const issued = challenges.challenge('agent1', 'root', NOW_MS);
  assert.ok(!restarted.valid('agent1', 'root', NOW_MS).some((valid) => valid.equals(issued)));
});
