/** Holds passphrase verifiers: the right one passes, none and a wrong one cost the same and fail. */
import assert from 'node:assert/strict';
import { createHmac, hash } from 'node:crypto';
import { test } from 'node:test';
import { hashPassphrase } from './passphrase-hash.ts';
import { checkPassphrase, makeVerifier, VERIFIER_COST } from './passphrase-verifier.ts';
import { SecretBytes } from './secret-bytes.ts';

const COST = { memoryKib: 64, passes: 1, lanes: 1 };
const text = (value: string) => SecretBytes.fromText(value);
const verifier = await makeVerifier(text('Right-one-1'), COST);
const json = () => JSON.parse(Buffer.from(verifier).toString('utf8'));
const check = (object: Uint8Array | null, passphrase: string) =>
  checkPassphrase(object, text(passphrase), COST);

test('accepts the passphrase and refuses every other', async () => {
  assert.equal(await check(verifier, 'Right-one-1'), true);
  for (const other of ['', 'right-one-1', 'Right-one-1 ', 'Right-one-', 'Right-one-12'])
    assert.equal(await check(verifier, other), false);
});

test('works at the real cost', async () => {
  const real = await makeVerifier(text('Right-one-1'));
  assert.equal(await checkPassphrase(real, text('Right-one-1')), true);
  assert.equal(await checkPassphrase(real, text('Wrong-one-1')), false);
  assert.deepEqual(JSON.parse(Buffer.from(real).toString('utf8')).cost, VERIFIER_COST);
});

test('answers false for an unknown name, whatever the passphrase', async () => {
  assert.equal(await check(null, ''), false);
  assert.equal(await checkPassphrase(null, text('Right-one-1')), false);
});

test('stores the keys of RFC 5802, which do not let anyone log in', async () => {
  const { salt, storedKey, serverKey } = json();
  const salted = (await hashPassphrase(text('Right-one-1'), Buffer.from(salt, 'base64'), COST)).reveal();
  const clientKey = createHmac('sha256', salted).update('Client Key').digest();
  assert.equal(storedKey, hash('sha256', clientKey, 'base64'));
  assert.equal(serverKey, createHmac('sha256', salted).update('Server Key').digest('base64'));
  const stored = Buffer.from(verifier).toString('utf8');
  for (const secret of ['Right-one-1', salted.toString('base64'), clientKey.toString('base64')])
    assert.ok(!stored.includes(secret));
});

test('differs each time in salt and pad', async () => {
  const again = JSON.parse(Buffer.from(await makeVerifier(text('Right-one-1'), COST)).toString('utf8'));
  assert.notEqual(again.salt, json().salt);
  assert.notEqual(again.pad, json().pad);
});

test('throws for a damaged verifier instead of calling the passphrase wrong', async () => {
  const damaged = [
    '',
    'null',
    '{}',
    JSON.stringify({ ...json(), storedKey: 'AAAA' }),
    JSON.stringify({ ...json(), extra: 1 }),
    JSON.stringify({ ...json(), cost: { ...COST, memoryKib: 2 ** 31 } }),
    ' '.repeat(5000),
  ];
  for (const object of damaged)
    await assert.rejects(check(Buffer.from(object), 'Right-one-1'), /damaged/, object.slice(0, 80));
});

test('throws for a verifier below the floor', async () => {
  await assert.rejects(checkPassphrase(verifier, text('Right-one-1')), /cheaper/);
});
