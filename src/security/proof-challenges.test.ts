/** Challenges of the modern proof: bound to what was asked, valid for two to three minutes, with a key pair that X25519 takes. */
import assert from 'node:assert/strict';
import { createPublicKey, diffieHellman, generateKeyPairSync, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { x25519PublicKey } from '@openkma/protocol';
import { ProofChallenges, type ProofQuestion } from './proof-challenges.ts';
import { SecretBytes } from './secret-bytes.ts';

const MINUTE_MS = 60_000;
const NOW_MS = Date.UTC(2026, 0, 1);
const QUESTION: ProofQuestion = {
  role: 'user',
  entityId: 'olga',
  clientNonce: Buffer.alloc(32, 1),
  rootPem: 'root',
};
const challenges = new ProofChallenges(new SecretBytes(randomBytes(32)));

test('is the same within its minute and valid in the two after, then never again', () => {
  const given = challenges.challenge(QUESTION, NOW_MS);
  assert.equal(given.serverChallenge.length, 32);
  assert.deepEqual(challenges.challenge(QUESTION, NOW_MS + MINUTE_MS - 1), given);
  const valid = (nowMs: number) =>
    challenges.valid(QUESTION, nowMs).some((it) => it.serverChallenge.equals(given.serverChallenge));
  for (const [minutes, expected] of [
    [-1, false],
    [0, true],
    [1, true],
    [2, true],
    [3, false],
  ] as const)
    assert.equal(valid(NOW_MS + minutes * MINUTE_MS), expected, `${minutes} minutes later`);
});

test('another role, name, nonce, root, minute or process has another challenge and another key', () => {
  const others = [
    challenges.challenge({ ...QUESTION, role: 'agent' }, NOW_MS),
    challenges.challenge({ ...QUESTION, entityId: 'olgb' }, NOW_MS),
    challenges.challenge({ ...QUESTION, clientNonce: Buffer.alloc(32, 2) }, NOW_MS),
    challenges.challenge({ ...QUESTION, rootPem: 'other' }, NOW_MS),
    challenges.challenge(QUESTION, NOW_MS + MINUTE_MS),
    new ProofChallenges(new SecretBytes(randomBytes(32))).challenge(QUESTION, NOW_MS),
    challenges.challenge(QUESTION, NOW_MS),
  ];
  for (const part of ['serverChallenge', 'oneTimePublicKey'] as const)
    assert.equal(new Set(others.map((it) => it[part].toString('hex'))).size, others.length);
});

test('the one-time public key is one that X25519 agrees with', () => {
  const { oneTimePublicKey } = challenges.challenge(QUESTION, NOW_MS);
  const jwk = { kty: 'OKP', crv: 'X25519', x: oneTimePublicKey.toString('base64url') };
  const { privateKey } = generateKeyPairSync('x25519');
  const publicKey = createPublicKey({ key: jwk, format: 'jwk' });
  assert.equal(diffieHellman({ privateKey, publicKey }).length, 32);
});

test('the private half of a valid challenge belongs to the public one that was given', () => {
  const { oneTimePublicKey } = challenges.challenge(QUESTION, NOW_MS);
  const [current, before] = challenges.valid(QUESTION, NOW_MS);
  assert.ok(current !== undefined && before !== undefined);
  assert.deepEqual(x25519PublicKey(current.privateHalf().reveal()), oneTimePublicKey);
  assert.deepEqual(x25519PublicKey(before.privateHalf().reveal()), before.oneTimePublicKey);
  assert.notDeepEqual(before.oneTimePublicKey, oneTimePublicKey);
});
