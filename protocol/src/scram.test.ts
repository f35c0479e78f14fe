/** SCRAM's keys against the published exchange of RFC 7677, which differs from ours only in how the password is salted. */
import assert from 'node:assert/strict';
import { pbkdf2Sync } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { clientProof, provesClient, scramKeys, serverSignature } from './scram.ts';

const NONCE = 'rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0';
const SALT = 'W22ZaJ0SNY7soEsUEjb6gQ==';
const MESSAGE = Buffer.from(`n=user,r=rOprNGfwEbeRWgbNEkqO,r=${NONCE},s=${SALT},i=4096,c=biws,r=${NONCE}`);
const KEYS = scramKeys(pbkdf2Sync('pencil', Buffer.from(SALT, 'base64'), 4096, 32, 'sha256'));

test('gives the proof and the signature of the exchange in RFC 7677', () => {
  const proof = clientProof(KEYS.clientKey, KEYS.storedKey, MESSAGE);
  assert.equal(proof.toString('base64'), 'dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=');
  const signature = serverSignature(KEYS.serverKey, MESSAGE);
  assert.equal(signature.toString('base64'), '6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=');
  assert.ok(provesClient(KEYS.storedKey, MESSAGE, proof));
});

test('a proof with any bit changed, for another message or key, or of another length proves nothing', () => {
  const proof = clientProof(KEYS.clientKey, KEYS.storedKey, MESSAGE);
  fc.assert(
    fc.property(fc.nat({ max: 31 }), fc.nat({ max: 7 }), (place, bit) => {
      const changed = Buffer.from(proof);
      changed[place] = (changed[place] ?? 0) ^ (1 << bit);
      assert.ok(!provesClient(KEYS.storedKey, MESSAGE, changed));
    }),
  );
  assert.ok(!provesClient(KEYS.storedKey, Buffer.from('another'), proof));
  assert.ok(!provesClient(scramKeys(Buffer.alloc(32)).storedKey, MESSAGE, proof));
  for (const length of [0, 31, 33]) assert.ok(!provesClient(KEYS.storedKey, MESSAGE, Buffer.alloc(length)));
});

test('what a server keeps does not make a proof', () => {
  for (const key of [KEYS.storedKey, KEYS.serverKey])
    assert.ok(!provesClient(KEYS.storedKey, MESSAGE, clientProof(key, KEYS.storedKey, MESSAGE)));
});
