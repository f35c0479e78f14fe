/** Holds the self-test to passing here, to failing for every altered vector, and to naming what failed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRandomSourceAlive } from './random-source.ts';
import { KNOWN_ANSWER_TESTS, runSelfTest } from './self-test.ts';
import * as vectors from './self-test-vectors.ts';

test('all primitives give the published answers', async () => {
  assert.deepEqual(await runSelfTest(), []);
});

/** Inputs of another vector of the same object as well: an altered one gives another answer. */
const COVERED: Record<keyof typeof vectors, string> = {
  KEY_WRAP: 'AES-256 key wrap',
  GCM: 'AES-256-GCM',
  HASHES: 'SHA-',
  HMAC: 'HMAC-SHA-',
  HKDF: 'HKDF-SHA-256',
  ARGON2: 'Argon2id',
  ARGON2_PASSPHRASE: 'Argon2id of a passphrase',
  RSA_SIGNATURE: 'RSASSA-PKCS1-v1_5',
  RSA_DECRYPTION: 'RSAES-PKCS1-v1_5',
  ED25519: 'Ed25519',
  X25519: 'X25519',
  AGE: 'age',
};

for (const [name, vector] of Object.entries(vectors) as [keyof typeof vectors, Record<string, unknown>][]) {
  for (const [field, value] of Object.entries(vector)) {
    if (typeof value !== 'string') continue;
    test(`an altered ${field} of ${name} fails its test and no unrelated one`, async () => {
      // Early, so that in an RSA key it is the modulus: OpenSSL makes good what is damaged behind it.
      const at = Math.floor(value.length / 8);
      vector[field] = value.slice(0, at) + (value[at] === '1' ? '2' : '1') + value.slice(at + 1);
      try {
        const failed = await runSelfTest();
        assert.ok(
          failed.some((test) => test.startsWith(COVERED[name])),
          `failed: ${failed.join(', ')}`,
        );
        const others = Object.values(COVERED).filter((test) => !failed.some((it) => it.startsWith(test)));
        assert.ok(others.length >= 9, `failed: ${failed.join(', ')}`);
      } finally {
        vector[field] = value;
      }
    });
  }
}

test('a test that throws has failed, and the others still run', async () => {
  const broken = () => {
    throw new Error('no such algorithm');
  };
  const tests = [
    { name: 'one', run: broken },
    { name: 'two', run: async () => false },
    { name: 'three', run: () => true },
  ];
  assert.deepEqual(await runSelfTest(tests), ['one', 'two']);
});

test('every test has a name of its own', () => {
  assert.equal(new Set(KNOWN_ANSWER_TESTS.map(({ name }) => name)).size, KNOWN_ANSWER_TESTS.length);
});

test('a random source that stands still, gives zeros or too little is not alive', () => {
  assert.ok(isRandomSourceAlive());
  assert.ok(!isRandomSourceAlive((bytes) => Buffer.alloc(bytes, 7)));
  assert.ok(!isRandomSourceAlive((bytes) => Buffer.alloc(bytes)));
  let draw = 0;
  assert.ok(!isRandomSourceAlive((bytes) => Buffer.alloc(bytes - 1, ++draw)));
  assert.ok(!isRandomSourceAlive((bytes) => Buffer.alloc(bytes, draw++ % 2)));
});
