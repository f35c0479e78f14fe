/** Holds the Argon2id wrapper to its vectors and its bounds. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRefusal } from '../core/refusal.ts';
import { argon2CostSchema, hashPassphrase, isAtLeast } from './passphrase-hash.ts';
import { SecretBytes } from './secret-bytes.ts';

const COST = { memoryKib: 64, passes: 1, lanes: 1 };
const SALT = Buffer.from('somesaltsomesalt');
const hashOf = async (text: string, cost = COST) =>
  (await hashPassphrase(SecretBytes.fromText(text), SALT, cost)).reveal().toString('hex');

test('is Argon2id version 1.3 as the reference program computes it', async () => {
  // echo -n password | argon2 somesalt -id -t 2 -k 65536 -p 1
  const salt = Buffer.from('somesalt');
  const cost = { memoryKib: 65_536, passes: 2, lanes: 1 };
  const hash = await hashPassphrase(SecretBytes.fromText('password'), salt, cost);
  const expected = '09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7';
  assert.equal(hash.reveal().toString('hex'), expected);
});

test('takes composed and decomposed letters for the same passphrase, and other letters not', async () => {
  assert.equal(await hashOf('p\u00e4ssw\u00f6rd'), await hashOf('pa\u0308sswo\u0308rd'));
  assert.notEqual(await hashOf('p\u00e4sswort'), await hashOf('passwort'));
});

test('leaves the passphrase as it was', async () => {
  const passphrase = SecretBytes.fromText('Passphrase-1');
  await hashPassphrase(passphrase, SALT, COST);
  assert.equal(passphrase.reveal().toString(), 'Passphrase-1');
});

test('refuses when too many wait, and works again afterwards', async () => {
  const results = await Promise.allSettled(
    Array.from({ length: 80 }, (_, index) => hashOf(`passphrase ${index}`)),
  );
  const rejected = results.filter((result) => result.status === 'rejected');
  assert.equal(rejected.length, 80 - 2 - 64);
  for (const { reason } of rejected) assert.ok(isRefusal(reason) && reason.refused === 'SERVER_BUSY');
  assert.match(await hashOf('after'), /^[0-9a-f]{64}$/);
});

test('gives its turn back when the hash fails', async () => {
  for (let round = 0; round < 4; round += 1)
    await assert.rejects(hashPassphrase(SecretBytes.fromText('x'), Buffer.alloc(2), COST));
  assert.match(await hashOf('after'), /^[0-9a-f]{64}$/);
});

test('bounds the cost from above, and compares it with a floor', () => {
  assert.ok(argon2CostSchema.safeParse(COST).success);
  for (const change of [{ memoryKib: 2 ** 31 }, { passes: 1000 }, { lanes: 64 }, { passes: 0 }, { extra: 1 }])
    assert.ok(!argon2CostSchema.safeParse({ ...COST, ...change }).success);
  assert.ok(isAtLeast(COST, COST));
  assert.ok(!isAtLeast({ ...COST, memoryKib: 63 }, COST));
  assert.ok(!isAtLeast(COST, { ...COST, passes: 2 }));
});

test('computes the least cost that it takes, for any number of lanes, and takes no less', async () => {
  for (const lanes of [1, 2, 3, 4]) {
    const least = { memoryKib: 8 * lanes, passes: 1, lanes };
    assert.ok(argon2CostSchema.safeParse(least).success);
    assert.match(await hashOf('passphrase', least), /^[0-9a-f]{64}$/);
    assert.ok(!argon2CostSchema.safeParse({ ...least, memoryKib: 8 * lanes - 1 }).success);
  }
});
