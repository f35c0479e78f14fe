/** Keys of SNMP users: those of RFC 3414 and RFC 7860, and what is kept of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SecretBytes } from './secret-bytes.ts';
import { localizedSnmpKey, snmpKey, snmpPrivacyFits, snmpPrivacyKey } from './snmp-keys.ts';
import { communitySecret, readSnmpSecret, userSecret } from './snmp-secret.ts';

const ENGINE = Buffer.from('000000000000000000000002', 'hex');
const MAPLE = SecretBytes.fromText('maplesyrup');
const hex = (secret: SecretBytes) => secret.reveal().toString('hex');

test('SHA-1 gives the keys of RFC 3414, A.3.2', () => {
  const key = snmpKey(MAPLE, 'SHA-1');
  assert.equal(hex(key), '9fb5cc0381497b3793528939ff788d5d79145211');
  assert.equal(hex(localizedSnmpKey(key, ENGINE, 'SHA-1')), '6695febc9288e36282235fc7151f128497b38f3f');
});

test('a passphrase that does not divide a megabyte is repeated to its end', () => {
  const seven = SecretBytes.fromText('sevenths');
  assert.equal(hex(snmpKey(seven, 'SHA-256')).length, 64);
  assert.notEqual(hex(snmpKey(seven, 'SHA-256')), hex(snmpKey(SecretBytes.fromText('sevenths1'), 'SHA-256')));
});

test('a cipher is taken with hashes that give as many bytes as it needs', () => {
  assert.deepEqual(
    (['SHA-1', 'SHA-224', 'SHA-256', 'SHA-384', 'SHA-512'] as const).map((hash) => [
      snmpPrivacyFits(hash, 'AES-128'),
      snmpPrivacyFits(hash, 'AES-256'),
      snmpPrivacyFits(hash, 'DES'),
    ]),
    [
      [true, false, true],
      [true, false, true],
      [true, true, true],
      [true, true, true],
      [true, true, true],
    ],
  );
  assert.equal(snmpPrivacyKey(snmpKey(MAPLE, 'SHA-512'), 'AES-256').length, 32);
});

test('what is kept is read back, and nothing else is taken for it', () => {
  const secret = readSnmpSecret(userSecret('SHA-1', MAPLE, SecretBytes.fromText('another one')));
  assert.ok(secret.protocol === 'v3');
  assert.equal(Buffer.from(secret.authenticationKey, 'base64').toString('hex'), hex(snmpKey(MAPLE, 'SHA-1')));
  assert.notEqual(secret.authenticationKey, secret.privacyKey);
  assert.deepEqual(readSnmpSecret(communitySecret(SecretBytes.fromText('public'))), {
    protocol: 'v2c',
    community: Buffer.from('public').toString('base64'),
  });
  for (const bytes of ['{}', 'no JSON', `{"format":"openkma snmp secret 1"}`, ' '.repeat(10_000)])
    assert.throws(() => readSnmpSecret(Buffer.from(bytes)));
});
