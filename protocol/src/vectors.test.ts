/** The test vectors of protocol section 14, each by name; nothing here was computed by the code under test. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { canonicalPem, deriveSecret, hashPassphrase, proof, unwrapKey, wrapKey } from './index.ts';

const CA_PEM = readFileSync(new URL('../vectors/root-ca.pem', import.meta.url), 'utf8');
const PASSPHRASE = Buffer.from('secret123', 'utf8');
const SECRET_50000 = Buffer.from('4CD9D91CACC7DA0BF4BE22E0C63435DBDA6878CC', 'hex');
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex').toUpperCase();

test('H0 of secret123', () => {
  assert.equal(hex(hashPassphrase(PASSPHRASE)), 'F2B14F68EB995FACB3A1C35287B778D5BD785511');
});

test('S of secret123 for 40000 iterations', async () => {
  assert.equal(hex(await deriveSecret(PASSPHRASE, 40_000)), 'E1C7F611FBDDADBC4A009A7E176637D5B7942062');
});

test('S of secret123 for 50000 iterations', async () => {
  assert.equal(hex(await deriveSecret(PASSPHRASE, 50_000)), hex(SECRET_50000));
});

test('H0 of a passphrase with umlauts is taken over its UTF-8', () => {
  const passphrase = Buffer.from('pässwörd', 'utf8');
  assert.equal(hex(hashPassphrase(passphrase)), 'F517DDF1D32A112FF1AD55C66D1B12CB38E7E8F7');
});

test('the root CA certificate is the recorded text', () => {
  assert.equal(Buffer.byteLength(CA_PEM), 1192);
  assert.equal(
    createHash('sha256').update(CA_PEM).digest('hex'),
    '9856f54a3a5bd8f3605c9dda04e901f5b8c98050f73b3d0bbf407a3bfe1bb26e',
  );
});

test('the canonical PEM of the root CA certificate is the recorded text', () => {
  assert.equal(canonicalPem(CA_PEM), CA_PEM);
});

test('ClientAuthenticationResponse', () => {
  const challenge = Buffer.from('0F368796E3927D6F71834DD73FCF0B97B437F3E7', 'hex');
  assert.equal(hex(proof(SECRET_50000, CA_PEM, challenge)), '83FA06B04B0F430D2371F68695F6062B5C044219');
});

test('ServerAuthenticationResponse', () => {
  const challenge = Buffer.from('B010A3CB051AB02672E7FD50B3575B60150F63A6', 'hex');
  assert.equal(hex(proof(SECRET_50000, CA_PEM, challenge)), '41805DCDA599F85A93661014AF87281E48CE607E');
});

const KEK = Buffer.from('000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F', 'hex');
const KEY = Buffer.from('00112233445566778899AABBCCDDEEFF000102030405060708090A0B0C0D0E0F', 'hex');
const WRAPPED = '28C9F404C4B810F4CBCCB35CFB87F8263F5786E2D80ED326CBC7F0E71A99F43BFB988B9B7A02DD21';

test('AES key wrap 256/256 (RFC 3394 section 4.6)', () => {
  assert.equal(hex(wrapKey(KEK, KEY)), WRAPPED);
});

test('AES key unwrap 256/256 (RFC 3394 section 4.6)', () => {
  assert.equal(hex(unwrapKey(KEK, Buffer.from(WRAPPED, 'hex'))), hex(KEY));
});

test('the external unique ID of the PKCS#11 label mykey is the SHA-256 of the label', () => {
  const recorded = readFileSync(
    new URL('../vectors/captures/agent-RetrieveDataUnitByExternalUniqueID-2.http', import.meta.url),
    'utf8',
  );
  const expected = '5E50F405ACE6CBDF17379F4B9F2B0C9F4144C5E380EA0B9298CB02EBD8FFE511';
  assert.equal(createHash('sha256').update('mykey').digest('hex').toUpperCase(), expected);
  assert.ok(recorded.includes(`>${expected}<`));
});
