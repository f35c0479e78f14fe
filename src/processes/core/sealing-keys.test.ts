/** What a session's client sealed is opened for that request, once, as long as the session lasts. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { type PlainCredential, sealCredentials, x25519PublicKey } from '@openkma/protocol';
import type { Fingerprint } from '../../core/ids.ts';
import { isRefusal } from '../../core/refusal.ts';
import { SecretBytes } from '../../security/secret-bytes.ts';
import { SealingKeys } from './sealing-keys.ts';

const SESSION = 'A'.repeat(64) as Fingerprint;
const REQUEST = { operation: 'ModifyUser', input: { user: 'olga', enabled: false } };
const ANN = { name: 'ann', passphrase: 'Split-one-part-7' };

function loggedIn() {
  const keys = new SealingKeys();
  const privateKey = randomBytes(32);
  const publicKey = x25519PublicKey(privateKey);
  keys.remember(SESSION, new SecretBytes(privateKey));
  const seal = (credentials: readonly PlainCredential[] = [ANN]) =>
    sealCredentials(publicKey, { ...REQUEST, clientKeySha256: Buffer.from(SESSION, 'hex') }, credentials);
  const open = (box: Uint8Array, request = REQUEST, session = SESSION) => {
    const opened = keys.open(session, request, box);
    return isRefusal(opened) ? opened.refused : opened.map(({ name }) => name);
  };
  return { keys, seal, open };
}

test('opens what was sealed for the request, and no other request or session does', () => {
  const { seal, open } = loggedIn();
  const box = seal();
  assert.equal(open(box, { ...REQUEST, operation: 'CreateUser' }), 'INVALID_PARAMETERS');
  assert.equal(open(box, { ...REQUEST, input: { user: 'olga', enabled: true } }), 'INVALID_PARAMETERS');
  assert.equal(open(box, REQUEST, 'B'.repeat(64) as Fingerprint), 'SEALING_KEY_UNKNOWN');
  assert.deepEqual(open(box), ['ann']);
});

test('it knows whose boxes it would open, and a core that was started anew opens none', () => {
  const { keys } = loggedIn();
  assert.ok(keys.opens(SESSION));
  assert.ok(!keys.opens('B'.repeat(64) as Fingerprint));
  keys.keepOnly(() => false);
  assert.ok(!keys.opens(SESSION), 'the log-in is over');
  assert.ok(!new SealingKeys().opens(SESSION));
});

test('a box is opened once, so that nobody who kept it can have the same done again', () => {
  const { seal, open } = loggedIn();
  const box = seal();
  assert.deepEqual(open(box), ['ann']);
  assert.equal(open(box), 'INVALID_PARAMETERS');
  assert.deepEqual(open(seal()), ['ann']);
});

test('credentials of a new key split are told apart from those of the quorum', () => {
  const { keys, seal } = loggedIn();
  const opened = keys.open(SESSION, REQUEST, seal([ANN, { ...ANN, name: 'dora', new: true }]));
  assert.ok(!isRefusal(opened));
  assert.deepEqual(
    opened.map(({ name, new: isNew }) => [name, isNew]),
    [
      ['ann', undefined],
      ['dora', true],
    ],
  );
});

test('what is inside is checked like every input', () => {
  const { seal, open } = loggedIn();
  const tooMany = Array.from({ length: 21 }, (_, index) => ({ ...ANN, name: `${index}` }));
  for (const bad of [tooMany, [{ ...ANN, name: '' }], [{ ...ANN, passphrase: 'x'.repeat(257) }]])
    assert.equal(open(seal(bad)), 'INVALID_PARAMETERS');
  assert.deepEqual(open(seal([])), []);
});

test('a new log-in with the same key has a new key to seal to, and one that is over has none', () => {
  const { keys, seal, open } = loggedIn();
  keys.keepOnly((fingerprint) => fingerprint === SESSION);
  assert.deepEqual(open(seal()), ['ann']);
  const late = seal();
  keys.remember(SESSION, new SecretBytes(randomBytes(32)));
  assert.equal(open(late), 'INVALID_PARAMETERS');
  keys.keepOnly(() => false);
  assert.equal(open(late), 'SEALING_KEY_UNKNOWN');
});
