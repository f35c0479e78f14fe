/** Holds the pool of RSA pairs: made ahead, each pair once, bounded, wiped at the end. */
import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isRefusal } from '../core/refusal.ts';
import { createKeyPairPool, KeyPairPool, makeKeyPair, type RsaKeyPair } from './key-pair-pool.ts';
import { BadPairError } from './pair-check.ts';
import { SecretBytes } from './secret-bytes.ts';

const quick = () => {
  const made: RsaKeyPair[] = [];
  const make = async () => {
    const pair = { publicKey: Buffer.of(made.length), privateKeyPem: SecretBytes.fromText('key') };
    made.push(pair);
    return pair;
  };
  return { made, make };
};
const isWiped = (pair: RsaKeyPair) => pair.privateKeyPem.reveal()[0] === 0;
const settle = async () => {
  for (let turn = 0; turn < 20; turn += 1) await nextTurn();
};

test('makes RSA 2048 pairs whose halves fit, the private one as PKCS#1 PEM', async () => {
  const { publicKey, privateKeyPem } = await makeKeyPair();
  const key = createPrivateKey(privateKeyPem.reveal());
  assert.match(privateKeyPem.reveal().toString(), /^-----BEGIN RSA PRIVATE KEY-----\n/);
  assert.equal(key.asymmetricKeyDetails?.modulusLength, 2048);
  const derived = createPublicKey(key).export({ type: 'spki', format: 'der' });
  assert.deepEqual(Buffer.from(publicKey), derived);
});

test('discards a bad pair, and who waits gets the next one', async () => {
  const { made, make } = quick();
  let bad = 1;
  const pool = new KeyPairPool(0, async () => {
    if (bad-- > 0) throw new BadPairError('RSA');
    return make();
  });
  assert.equal(await pool.take(), made[0]);
  assert.equal(pool.badPairs, 1);
  pool.close();
});

test('says so when bad pairs repeat, and gives none after that', async () => {
  let tries = 0;
  let told = 0;
  const broken = async () => {
    tries += 1;
    throw new BadPairError('RSA');
  };
  const pool = new KeyPairPool(3, broken, () => {
    told += 1;
  });
  const waiting = pool.take();
  await assert.rejects(waiting);
  await settle();
  assert.deepEqual([tries, told, pool.badPairs], [2, 1, 2]);
  await assert.rejects(pool.take(), /closed/);
});

test('bad pairs with sound ones between them are not taken for a broken source', async () => {
  const { make } = quick();
  let tries = 0;
  const pool = new KeyPairPool(0, async () => {
    tries += 1;
    if (tries % 2 === 1) throw new BadPairError('RSA');
    return make();
  });
  for (let taken = 0; taken < 3; taken += 1) await pool.take();
  assert.equal(pool.badPairs, 3);
  pool.close();
});

test('gives real pairs, each once, also while none is ready', async () => {
  const pool = createKeyPairPool(1);
  const pairs = await Promise.all([pool.take(), pool.take(), pool.take()]);
  pool.close();
  const different = new Set(pairs.map((pair) => Buffer.from(pair.publicKey).toString('hex')));
  assert.equal(different.size, 3);
});

test('fills up to its size ahead and no further, and refills what is taken', async () => {
  const { made, make } = quick();
  const pool = new KeyPairPool(3, make);
  await settle();
  assert.deepEqual([made.length, pool.ready], [3, 3]);
  assert.equal(await pool.take(), made[0]);
  await settle();
  assert.deepEqual([made.length, pool.ready], [4, 3]);
  pool.close();
});

test('refuses when too many wait', async () => {
  const pool = new KeyPairPool(1, () => new Promise(() => undefined));
  const waiting = Array.from({ length: 256 }, () => pool.take());
  await assert.rejects(pool.take(), (reason) => isRefusal(reason) && reason.refused === 'SERVER_BUSY');
  pool.close();
  for (const result of await Promise.allSettled(waiting)) assert.equal(result.status, 'rejected');
});

test('tells one waiter of a failure and goes on for the others', async () => {
  const { make } = quick();
  let failures = 1;
  const pool = new KeyPairPool(0, async () => {
    if (failures === 0) return make();
    failures -= 1;
    throw new Error('no primes today');
  });
  const [first, second] = await Promise.allSettled([pool.take(), pool.take()]);
  assert.equal(first.status, 'rejected');
  assert.equal(second.status, 'fulfilled');
  pool.close();
});

test('does not spin when pairs cannot be made and nobody waits', async () => {
  let tries = 0;
  const pool = new KeyPairPool(3, async () => {
    tries += 1;
    throw new Error('no primes today');
  });
  await settle();
  assert.equal(tries, 1);
  await assert.rejects(pool.take(), /no primes/);
  pool.close();
});

test('wipes what it holds when closed, and gives nothing more', async () => {
  const { made, make } = quick();
  const pool = new KeyPairPool(2, make);
  await settle();
  const taken = await pool.take();
  await settle();
  pool.close();
  assert.equal(taken, made[0]);
  assert.deepEqual(made.map(isWiped), [false, true, true]);
  await assert.rejects(pool.take(), /closed/);
});

test('wipes a pair that was under way when it was closed', async () => {
  const { made, make } = quick();
  const pool = new KeyPairPool(1, make);
  assert.equal(pool.ready, 0);
  pool.close();
  await settle();
  assert.deepEqual(made.map(isWiped), [true]);
  assert.equal(pool.ready, 0);
});
