/** Holds signatures of audit heads to their text and key. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { logPublicKey, replicationPublicKey, replicationSeed, signText, verifyText } from './log-signing.ts';
import { SecretBytes } from './secret-bytes.ts';

/** RFC 8032, 7.1, TEST 2. */
const SEED = '4CCD089B28FF96DA9DB6C346EC114E0F5B8A319F35ABA624DA8CF6ED4FB8A6FB';
const PUBLIC = '3D4017C3E843895A92B70AA74D1B7EBC9C982CCF2EC4968CC0CD55F12AF4660C';
const SIGNATURE =
  '92A009A9F0D4CAB8720E820B5F642540A2B27B5416503F8FB3762223EBDB69DA' +
  '085AC1E43E15996E458F3613D0F11D8C387B2EAEB4302AEEB00D291612BB0C00';
const seed = new SecretBytes(Buffer.from(SEED, 'hex'));

test('signs as RFC 8032 has it', () => {
  assert.equal(logPublicKey(seed), PUBLIC);
  assert.equal(signText(seed, 'r'), SIGNATURE);
  assert.ok(verifyText(PUBLIC, 'r', SIGNATURE));
});

test('refuses another text, another key and a changed signature', () => {
  const other = logPublicKey(new SecretBytes(randomBytes(32)));
  assert.ok(!verifyText(PUBLIC, 's', SIGNATURE));
  assert.ok(!verifyText(other, 'r', SIGNATURE));
  assert.ok(!verifyText(PUBLIC, 'r', SIGNATURE.replace('92A0', '92A1')));
});

test('refuses what is no key or no signature', () => {
  for (const malformed of ['', 'zz', SIGNATURE.slice(2), `${SIGNATURE}00`, SIGNATURE.toLowerCase()])
    assert.ok(!verifyText(PUBLIC, 'r', malformed));
  for (const malformed of ['', PUBLIC.slice(2), '0'.repeat(64), 'F'.repeat(64)])
    assert.ok(!verifyText(malformed, 'r', SIGNATURE));
});

test('throws for a seed of the wrong length', () => {
  assert.throws(() => logPublicKey(new SecretBytes(randomBytes(31))), /32 bytes/);
});

test('the key of the replication engine comes from the seed and signs for nothing else', () => {
  const derived = replicationSeed(seed);
  assert.equal(replicationPublicKey(seed), logPublicKey(derived));
  assert.equal(replicationPublicKey(seed), replicationPublicKey(seed));
  assert.ok(!verifyText(PUBLIC, 'r', signText(derived, 'r')));
  assert.ok(verifyText(replicationPublicKey(seed), 'r', signText(derived, 'r')));
});
