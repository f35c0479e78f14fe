/** Root key material comes to the life that it is for, and to nobody who has not shown that he has it. */
import assert from 'node:assert/strict';
import { createPublicKey, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import {
  decryptRoot,
  encryptRoot,
  isHalfOf,
  makeMemberKey,
  openPrivateHalf,
  openPublicHalf,
  type Root,
  sealPrivateHalf,
  sealPublicHalf,
} from './member-key.ts';
import { SecretBytes } from './secret-bytes.ts';

const rootOf = (digit: string): Root => ({
  rootEpochId: digit.repeat(32),
  rootKeyMaterial: new SecretBytes(randomBytes(32)),
});
const [LIFE, OTHER, OBJECT] = ['A'.repeat(16), 'B'.repeat(16), 'C'.repeat(32)];
const [root, next] = [rootOf('1'), rootOf('2')];
const pair = makeMemberKey();

test('new root key material opens for the life it is for, as the epoch it is of', () => {
  const copy = encryptRoot(createPublicKey(pair), LIFE, next);
  const opened = decryptRoot(pair, LIFE, next.rootEpochId, copy);
  assert.deepEqual(opened?.reveal(), next.rootKeyMaterial.reveal());
  assert.equal(decryptRoot(pair, OTHER, next.rootEpochId, copy), null);
  assert.equal(decryptRoot(pair, LIFE, root.rootEpochId, copy), null);
  assert.equal(decryptRoot(makeMemberKey(), LIFE, next.rootEpochId, copy), null);
});

test('what is no copy opens as nothing', () => {
  const copy = Buffer.from(encryptRoot(createPublicKey(pair), LIFE, next));
  const open = (bytes: Uint8Array) => decryptRoot(pair, LIFE, next.rootEpochId, bytes);
  for (const bytes of [Buffer.alloc(0), Buffer.from('{}'), Buffer.alloc(9_000, 0x20), copy.subarray(1)])
    assert.equal(open(bytes), null);
  const box = JSON.parse(copy.toString());
  for (const name of ['ephemeralKey', 'ciphertext'])
    assert.equal(open(Buffer.from(JSON.stringify({ ...box, [name]: 'AAAA' }))), null);
});

test('the public half is that of the life which had the root key material', () => {
  const sealed = sealPublicHalf(root, LIFE, OBJECT, pair);
  const half = openPublicHalf(root, LIFE, OBJECT, sealed);
  assert.ok(half !== null && isHalfOf(half, pair) && !isHalfOf(half, makeMemberKey()));
  assert.equal(openPublicHalf(root, OTHER, OBJECT, sealed), null);
  assert.equal(openPublicHalf(root, LIFE, 'D'.repeat(32), sealed), null);
  assert.equal(openPublicHalf(next, LIFE, OBJECT, sealed), null, 'who has only a passphrase');
});

test('the private half opens with the root key material that it was sealed under, in this life', () => {
  const sealed = sealPrivateHalf(root, LIFE, pair);
  assert.ok(openPrivateHalf(root, LIFE, sealed)?.equals(pair));
  assert.equal(openPrivateHalf(next, LIFE, sealed), null);
  assert.equal(openPrivateHalf(root, OTHER, sealed), null);
  assert.equal(openPrivateHalf(root, LIFE, sealPublicHalf(root, LIFE, OBJECT, pair)), null);
});
