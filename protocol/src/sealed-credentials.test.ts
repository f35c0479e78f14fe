/** Sealed credentials serve the request they were sealed for, and tell nobody how long they are. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { x25519PublicKey } from './sealed-box.ts';
import { openCredentials, type SealedFor, sealCredentials } from './sealed-credentials.ts';

const PRIVATE_KEY = randomBytes(32);
const PUBLIC_KEY = x25519PublicKey(PRIVATE_KEY);
const REQUEST: SealedFor = {
  clientKeySha256: randomBytes(32),
  operation: 'ModifyUser',
  input: { user: 'olga', enabled: true },
};
const CREDENTIALS = [{ name: 'ann', passphrase: 'Split-one-part-7' }];

test('the core reads what the client gave', () => {
  const box = sealCredentials(PUBLIC_KEY, REQUEST, CREDENTIALS);
  const text = openCredentials(PRIVATE_KEY, REQUEST, box)?.toString('utf8') ?? '';
  assert.deepEqual(JSON.parse(text), CREDENTIALS);
});

test('they open for no other operation, input or session', () => {
  const box = sealCredentials(PUBLIC_KEY, REQUEST, CREDENTIALS);
  const others: readonly Partial<SealedFor>[] = [
    { operation: 'CreateUser' },
    { input: { user: 'olga', enabled: false } },
    { input: { user: 'olga', enabled: true, roles: ['AUDITOR'] } },
    { clientKeySha256: randomBytes(32) },
  ];
  for (const other of others) assert.equal(openCredentials(PRIVATE_KEY, { ...REQUEST, ...other }, box), null);
});

test('the order in which the input was written does not count', () => {
  const box = sealCredentials(PUBLIC_KEY, REQUEST, CREDENTIALS);
  const turned = { ...REQUEST, input: { enabled: true, user: 'olga' } };
  assert.ok(openCredentials(PRIVATE_KEY, turned, box) !== null);
});

test('one credential or three, long or short: the boxes are of one length', () => {
  const many = ['a', 'longer-name', 'z'].map((name) => ({ name, passphrase: name.repeat(5) }));
  const lengths = [[], CREDENTIALS, many].map((given) => sealCredentials(PUBLIC_KEY, REQUEST, given).length);
  assert.equal(new Set(lengths).size, 1);
});
