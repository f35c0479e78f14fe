/** Holds the wrap of a master key to its epoch and object. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { openMasterKey, sealMasterKey } from './master-key.ts';
import { SealError } from './sealing.ts';
import { SecretBytes } from './secret-bytes.ts';

const newKey = () => new SecretBytes(randomBytes(32));
const root = newKey();
const masterKey = newKey();
const name = { epochId: 'E'.repeat(32), objectId: 'F'.repeat(32) };
const sealed = sealMasterKey(root, name, masterKey);

test('opens a master key under the root key material it was sealed with', () => {
  assert.deepEqual(openMasterKey(root, name, sealed).reveal(), masterKey.reveal());
});

test('refuses other root key material, another epoch and another object ID', () => {
  assert.throws(() => openMasterKey(newKey(), name, sealed), SealError);
  assert.throws(() => openMasterKey(root, { ...name, epochId: 'A'.repeat(32) }, sealed), SealError);
  assert.throws(() => openMasterKey(root, { ...name, objectId: 'A'.repeat(32) }, sealed), SealError);
});

test('refuses to seal what is no master key', () => {
  assert.throws(() => sealMasterKey(root, name, new SecretBytes(randomBytes(31))), /32 bytes/);
});
