/** Holds the table of key wrapping keys: no oracle, no unknown ID just after it was issued, bounds. */
import assert from 'node:assert/strict';
import { constants, createPublicKey, generateKeyPairSync, publicEncrypt, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { createKwkTable, KwkTable } from './kwk.ts';
import { SecretBytes } from './secret-bytes.ts';

const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
const LIMITS = { perAgent: 4, total: 10, idleMs: 1000 };
const encrypt = (bytes: Buffer, padding = constants.RSA_PKCS1_PADDING) =>
  publicEncrypt({ key: pair.publicKey, padding }, bytes);
const newKwk = () => new SecretBytes(randomBytes(32));
const newId = () => randomBytes(8).toString('hex').toUpperCase();

function tableWithClock() {
  const clock = { nowMs: 0 };
  return { clock, table: new KwkTable(pair, LIMITS, () => clock.nowMs) };
}

test('makes a transport key of 2048 bits, which agents can take', async () => {
  const pem = (await createKwkTable()).publicKeyPem();
  assert.match(pem, /^-----BEGIN PUBLIC KEY-----\n/);
  assert.equal(createPublicKey(pem).asymmetricKeyDetails?.modulusLength, 2048);
});

test('decrypts a key wrapping key of 32 bytes', () => {
  const kwk = randomBytes(32);
  assert.deepEqual(new KwkTable(pair).decrypt(encrypt(kwk)).reveal(), kwk);
});

/** 256-byte blocks that are not 00 02, eight or more non-zero bytes, 00, 32 bytes. */
function badBlocks(): Buffer[] {
  const block = (type: number, zeroAt: number) => {
    const bytes = Buffer.alloc(256, 0xff);
    bytes[0] = 0;
    bytes[1] = type;
    if (zeroAt > 0) bytes[zeroAt] = 0;
    return bytes;
  };
  return [block(1, 223), block(0, 223), block(2, 5), block(2, 0), block(2, 222), block(2, 255)];
}

test('gives 32 pseudo-random bytes for a bad block, a wrong length and no ciphertext at all', () => {
  const table = new KwkTable(pair);
  const ciphertexts = [
    ...badBlocks().map((block) => encrypt(block, constants.RSA_NO_PADDING)),
    encrypt(randomBytes(31)),
    encrypt(randomBytes(33)),
    encrypt(Buffer.alloc(0)),
    Buffer.alloc(0),
    randomBytes(255),
    randomBytes(257),
    Buffer.alloc(256, 0xff),
  ];
  const keys = ciphertexts.map((ciphertext) => table.decrypt(ciphertext).reveal());
  for (const key of keys) assert.equal(key.length, 32);
  assert.equal(new Set(keys.map((key) => key.toString('hex'))).size, keys.length);
});

test('gives the same key for the same bad ciphertext, so that registering twice tells nothing', () => {
  const table = new KwkTable(pair);
  for (const block of badBlocks()) {
    const ciphertext = encrypt(block, constants.RSA_NO_PADDING);
    assert.deepEqual(table.decrypt(ciphertext).reveal(), table.decrypt(ciphertext).reveal());
  }
  const short = encrypt(randomBytes(31));
  assert.deepEqual(table.decrypt(short).reveal(), table.decrypt(short).reveal());
  assert.notDeepEqual(table.decrypt(short).reveal(), new KwkTable(pair).decrypt(short).reveal());
});

test('finds what was remembered, in either case of the ID', () => {
  const table = new KwkTable(pair);
  const kwk = newKwk();
  table.remember('D8D64A361117E476', 'agent', kwk);
  assert.equal(table.find('D8D64A361117E476', 'agent'), kwk);
  assert.equal(table.find('d8d64a361117e476', 'agent'), kwk);
});

test('tells an unknown ID from one of another agent', () => {
  const table = new KwkTable(pair);
  table.remember('D8D64A361117E476', 'agent', newKwk());
  assert.equal(table.find('0000000000000000', 'agent'), 'unknown');
  assert.equal(table.find('D8D64A361117E476', 'other'), 'mismatch');
});

test('keeps several for one agent and lets the longest unused go', () => {
  const { table } = tableWithClock();
  for (const id of ['01', '02', '03', '04']) table.remember(id, 'agent', newKwk());
  assert.notEqual(table.find('01', 'agent'), 'unknown');
  table.remember('05', 'agent', newKwk());
  assert.equal(table.find('02', 'agent'), 'unknown');
  for (const id of ['01', '03', '04', '05']) assert.ok(table.find(id, 'agent') instanceof SecretBytes, id);
});

test('an agent that registers without end pushes out only its own', () => {
  const { table } = tableWithClock();
  table.remember('AA', 'quiet', newKwk());
  for (let index = 0; index < 100; index += 1) table.remember(newId(), 'loud', newKwk());
  assert.ok(table.find('AA', 'quiet') instanceof SecretBytes);
  assert.equal(table.size, 1 + LIMITS.perAgent);
});

test('stays within the total', () => {
  const { table } = tableWithClock();
  for (let index = 0; index < 100; index += 1) table.remember(newId(), `agent ${index % 37}`, newKwk());
  assert.equal(table.size, LIMITS.total);
});

test('forgets what was idle, not what is used', () => {
  const { table, clock } = tableWithClock();
  table.remember('01', 'agent', newKwk());
  table.remember('02', 'agent', newKwk());
  clock.nowMs = 900;
  table.find('02', 'agent');
  clock.nowMs = 1500;
  assert.equal(table.find('01', 'agent'), 'unknown');
  assert.ok(table.find('02', 'agent') instanceof SecretBytes);
  assert.equal(table.size, 1);
});

test('forgets an agent whole', () => {
  const table = new KwkTable(pair);
  table.remember('01', 'agent', newKwk());
  table.remember('02', 'agent', newKwk());
  table.remember('03', 'other', newKwk());
  table.forgetAgent('agent');
  table.forgetAgent('nobody');
  assert.equal(table.find('01', 'agent'), 'unknown');
  assert.ok(table.find('03', 'other') instanceof SecretBytes);
  assert.equal(table.size, 1);
});

test('an ID just issued is never unknown or mismatched, whatever came before', () => {
  const agents = ['a', 'b', 'c', 'd', 'e'];
  const step = fc.oneof(
    fc.record({ remember: fc.integer({ min: 0, max: 15 }), agent: fc.constantFrom(...agents) }),
    fc.record({ find: fc.integer({ min: 0, max: 15 }), agent: fc.constantFrom(...agents) }),
    fc.record({ wait: fc.integer({ min: 0, max: 2000 }) }),
    fc.record({ forget: fc.constantFrom(...agents) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { table, clock } = tableWithClock();
      for (const each of steps) {
        if ('wait' in each) clock.nowMs += each.wait;
        else if ('forget' in each) table.forgetAgent(each.forget);
        else if ('find' in each) table.find(`${each.find}`, each.agent);
        else {
          const kwk = newKwk();
          table.remember(`${each.remember}`, each.agent, kwk);
          assert.equal(table.find(`${each.remember}`, each.agent), kwk);
        }
        assert.ok(table.size <= LIMITS.total);
      }
    }),
  );
});
