/** The passphrase proof beyond its vectors: forms of certificates, bounds, and giving way to other work. */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  canonicalPem,
  deriveSecret,
  hashPassphrase,
  ITERATIONS_MAX,
  ITERATIONS_MIN,
  proof,
} from './index.ts';

const CA_PEM = readFileSync(new URL('../vectors/root-ca.pem', import.meta.url), 'utf8');
const PASSPHRASE = Buffer.from('secret123');

test('every form of a certificate has one canonical text', () => {
  const der = new X509Certificate(CA_PEM).raw;
  assert.equal(canonicalPem(der), CA_PEM);
  assert.equal(canonicalPem(Buffer.from(CA_PEM)), CA_PEM);
  assert.equal(canonicalPem(`Certificate:\n  subject ...\n${CA_PEM}`), CA_PEM);
  assert.equal(canonicalPem(CA_PEM.replaceAll('\n', '\r\n')), CA_PEM);
  assert.equal(canonicalPem(CA_PEM.trimEnd()), CA_PEM);
});

test('the proof does not depend on the text around the certificate', () => {
  const challenge = Buffer.alloc(20, 7);
  const secret = Buffer.alloc(20, 1);
  assert.deepEqual(proof(secret, `preamble\n${CA_PEM}`, challenge), proof(secret, CA_PEM, challenge));
});

test('the proof depends on secret, certificate and challenge', () => {
  const base = proof(Buffer.alloc(20, 1), CA_PEM, Buffer.alloc(20, 2)).toString('hex');
  assert.notEqual(proof(Buffer.alloc(20, 3), CA_PEM, Buffer.alloc(20, 2)).toString('hex'), base);
  assert.notEqual(proof(Buffer.alloc(20, 1), CA_PEM, Buffer.alloc(20, 4)).toString('hex'), base);
});

test('an empty passphrase is refused', async () => {
  assert.throws(() => hashPassphrase(Buffer.alloc(0)), RangeError);
  await assert.rejects(deriveSecret(Buffer.alloc(0), ITERATIONS_MIN), RangeError);
});

test('an iteration count outside of its bounds is refused before any hashing', async () => {
  for (const iterations of [0, -1, ITERATIONS_MIN - 1, ITERATIONS_MAX + 1, 50_000.5, Number.NaN])
    await assert.rejects(deriveSecret(PASSPHRASE, iterations), RangeError);
});

test('deriving a secret lets other work run in between', async () => {
  let turns = 0;
  let running = true;
  const count = (): void => {
    turns += 1;
    if (running) setImmediate(count);
  };
  setImmediate(count);
  await deriveSecret(PASSPHRASE, ITERATIONS_MIN);
  running = false;
  assert.ok(turns >= 10, `${turns} turns`);
});
