/** Holds the pairwise check to finding pairs whose halves do not fit, of each kind the product makes. */
import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { assertLogSeed, assertRsaPair, assertX25519Pair, BadPairError, makeSound } from './pair-check.ts';
import { SecretBytes } from './secret-bytes.ts';

const rsa = () => generateKeyPairSync('rsa', { modulusLength: 2048 });
const x25519 = () => generateKeyPairSync('x25519');

test('accepts good pairs', () => {
  const pair = rsa();
  assertRsaPair(pair.publicKey, pair.privateKey);
  const other = x25519();
  assertX25519Pair(other.publicKey, other.privateKey);
  assertLogSeed(new SecretBytes(Buffer.alloc(32, 7)));
});

test('refuses an RSA pair of two halves', () => {
  assert.throws(() => assertRsaPair(rsa().publicKey, rsa().privateKey), BadPairError);
});

test('refuses an RSA pair with damaged private exponents', () => {
  const { publicKey, privateKey } = rsa();
  const jwk = privateKey.export({ format: 'jwk' });
  const altered = (text = '') => `${text.slice(0, -4)}${text.at(-4) === 'B' ? 'C' : 'B'}${text.slice(-3)}`;
  // One alone OpenSSL notices and works around.
  const bad = createPrivateKey({ key: { ...jwk, d: altered(jwk.d), dp: altered(jwk.dp) }, format: 'jwk' });
  assert.throws(() => assertRsaPair(publicKey, bad), BadPairError);
});

test('refuses a pair that signs well and belongs to another key type', () => {
  const ed25519 = generateKeyPairSync('ed25519');
  assert.throws(() => assertRsaPair(ed25519.publicKey, ed25519.privateKey), BadPairError);
});

test('refuses an X25519 pair of two halves', () => {
  assert.throws(() => assertX25519Pair(x25519().publicKey, x25519().privateKey), BadPairError);
  const one = x25519();
  assert.doesNotThrow(() => assertX25519Pair(createPublicKey(one.privateKey), one.privateKey));
});

test('refuses a seed that cannot sign', () => {
  assert.throws(() => assertLogSeed(new SecretBytes(Buffer.alloc(31, 7))), BadPairError);
});

test('makes a pair once more after a bad one, and no third time', async () => {
  let tries = 0;
  const after = (bad: number) => () => {
    tries += 1;
    if (tries <= bad) throw new BadPairError('RSA');
    return tries;
  };
  assert.equal(await makeSound(after(1)), 2);
  tries = 0;
  await assert.rejects(makeSound(after(5)), BadPairError);
  assert.equal(tries, 2);
});

test('another failure is not tried again', async () => {
  let tries = 0;
  const failing = makeSound(() => {
    tries += 1;
    throw new Error('out of memory');
  });
  await assert.rejects(failing, /memory/);
  assert.equal(tries, 1);
});
