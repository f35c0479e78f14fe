/** Decoys: stable, one for each role and name, and of the same form and cost as what is real. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decoyVerifier } from './decoy-verifier.ts';
import { checkPassphrase, makeVerifier, readVerifier } from './passphrase-verifier.ts';
import { SecretBytes } from './secret-bytes.ts';

test('is the same each time, and another for another role, name or cluster', () => {
  const decoy = decoyVerifier('seed', 'user', 'nobody');
  assert.deepEqual(decoyVerifier('seed', 'user', 'nobody'), decoy);
  const salts = [
    decoy,
    decoyVerifier('seed', 'agent', 'nobody'),
    decoyVerifier('seed', 'user', 'somebody'),
    decoyVerifier('other', 'user', 'nobody'),
  ].map((bytes) => readVerifier(bytes).salt.toString('hex'));
  assert.equal(new Set(salts).size, salts.length);
});

test('has the form, the length and the cost of a real one, and no part of it is another part', async () => {
  const [decoy, real] = [
    decoyVerifier('s', 'user', 'x'),
    await makeVerifier(SecretBytes.fromText('Right-1')),
  ];
  assert.equal(decoy.length, real.length);
  assert.deepEqual(readVerifier(decoy).cost, readVerifier(real).cost);
  const { salt, storedKey, serverKey } = readVerifier(decoy);
  assert.notDeepEqual(storedKey, serverKey);
  assert.notDeepEqual(salt, storedKey.subarray(0, salt.length));
});

test('no passphrase fits', async () => {
  const decoy = decoyVerifier('seed', 'user', 'nobody');
  for (const passphrase of ['', 'nobody', 'seed'])
    assert.equal(await checkPassphrase(decoy, SecretBytes.fromText(passphrase)), false);
});
