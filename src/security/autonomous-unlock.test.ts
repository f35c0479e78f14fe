/** Holds autonomous unlocking to its one job: the right local key opens the root key material, anything else gives nothing. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { unwrapRoot, wrapRoot } from './autonomous-unlock.ts';
import { SecretBytes } from './secret-bytes.ts';

const newKey = () => new SecretBytes(randomBytes(32));
const localKey = newKey();
const root = newKey();
const wrapped = wrapRoot(localKey, root);

test('gives the root key material back under the local key', () => {
  assert.deepEqual(unwrapRoot(localKey, wrapped)?.reveal(), root.reveal());
  assert.ok(!Buffer.from(wrapped).includes(root.reveal()));
});

test('gives nothing under another key, a key of the wrong length, or from damaged bytes', () => {
  assert.equal(unwrapRoot(newKey(), wrapped), null);
  assert.equal(unwrapRoot(new SecretBytes(randomBytes(16)), wrapped), null);
  assert.equal(unwrapRoot(new SecretBytes(Buffer.alloc(0)), wrapped), null);
  for (let index = 0; index < wrapped.length; index += 1) {
    const damaged = Buffer.from(wrapped);
    damaged[index] = (damaged[index] ?? 0) ^ 1;
    assert.equal(unwrapRoot(localKey, damaged), null);
    assert.equal(unwrapRoot(localKey, wrapped.subarray(0, index)), null);
  }
});

test('refuses to wrap under a key of the wrong length', () => {
  assert.throws(() => wrapRoot(new SecretBytes(randomBytes(16)), root), /32 bytes/);
});
