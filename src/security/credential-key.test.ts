/** Holds a credential's key pair to its passphrase. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decryptShare, encryptShare, makeCredentialKey, openCredentialKey } from './credential-key.ts';
import { SecretBytes } from './secret-bytes.ts';

const COST = { memoryKib: 8, passes: 1, lanes: 1 };
const passphrase = SecretBytes.fromText('Passphrase-1');
const key = await makeCredentialKey('holder', passphrase, COST);
const share = SecretBytes.fromText('a share');
const encrypted = encryptShare(key.publicKey, 'split 1', share);
const privateKey = await openCredentialKey(key, passphrase);
assert.ok(privateKey !== null);

test('encrypts a share without the passphrase and opens it with the passphrase', () => {
  assert.deepEqual(decryptShare(privateKey, 'split 1', encrypted)?.reveal(), share.reveal());
});

test('refuses a share of another split, of another person, and a damaged one', async () => {
  const other = await makeCredentialKey('holder', passphrase, COST);
  const foreign = encryptShare(other.publicKey, 'split 1', share);
  assert.equal(decryptShare(privateKey, 'split 2', encrypted), null);
  assert.equal(decryptShare(privateKey, 'split 1', foreign), null);
  assert.equal(
    decryptShare(privateKey, 'split 1', { ...encrypted, ephemeralKey: foreign.ephemeralKey }),
    null,
  );
  assert.equal(decryptShare(privateKey, 'split 1', { ...encrypted, ephemeralKey: 'AAAA' }), null);
  assert.equal(decryptShare(privateKey, 'split 1', { ...encrypted, ciphertext: 'AAAA' }), null);
});

test('refuses a one-time key of low order', () => {
  const zero = Buffer.from(`302a300506032b656e032100${'00'.repeat(32)}`, 'hex').toString('base64');
  assert.equal(decryptShare(privateKey, 'split 1', { ...encrypted, ephemeralKey: zero }), null);
});

test('refuses a wrong passphrase, another name, cheaper cost and an exchanged public key', async () => {
  const other = await makeCredentialKey('holder', passphrase, COST);
  assert.equal(await openCredentialKey(key, SecretBytes.fromText('Passphrase-2')), null);
  assert.equal(await openCredentialKey({ ...key, name: 'other' }, passphrase), null);
  assert.equal(await openCredentialKey({ ...key, cost: { ...COST, passes: 2 } }, passphrase), null);
  assert.equal(await openCredentialKey({ ...key, publicKey: other.publicKey }, passphrase), null);
  assert.equal(await openCredentialKey({ ...key, salt: other.salt }, passphrase), null);
});
