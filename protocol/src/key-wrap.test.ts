/** AES key wrap beyond its vectors: round trips, damage and wrong sizes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { KeyUnwrapError, unwrapKey, wrapKey } from './index.ts';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

test('what was wrapped unwraps to itself and is 8 bytes longer', () => {
  fc.assert(
    fc.property(bytes(32), bytes(32), (kek, key) => {
      const wrapped = wrapKey(kek, key);
      assert.equal(wrapped.length, 40);
      assert.deepEqual(new Uint8Array(unwrapKey(kek, wrapped)), key);
    }),
  );
});

test('any altered bit is noticed', () => {
  const kek = Buffer.alloc(32, 1);
  const wrapped = wrapKey(kek, Buffer.alloc(32, 2));
  fc.assert(
    fc.property(fc.nat(wrapped.length * 8 - 1), (bit) => {
      const altered = Buffer.from(wrapped);
      altered.writeUInt8(altered.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      assert.throws(() => unwrapKey(kek, altered), KeyUnwrapError);
    }),
  );
});

test('another key-wrapping key is noticed', () => {
  const wrapped = wrapKey(Buffer.alloc(32, 1), Buffer.alloc(32, 2));
  assert.throws(() => unwrapKey(Buffer.alloc(32, 3), wrapped), KeyUnwrapError);
});

test('a wrapped key of a wrong length is refused as damaged', () => {
  for (const length of [0, 8, 16, 39, 41])
    assert.throws(() => unwrapKey(Buffer.alloc(32), Buffer.alloc(length)), KeyUnwrapError);
});

test('a key-wrapping key or a key of a wrong length is refused', () => {
  assert.throws(() => wrapKey(Buffer.alloc(16), Buffer.alloc(32)), RangeError);
  assert.throws(() => unwrapKey(Buffer.alloc(31), Buffer.alloc(40)), RangeError);
  for (const length of [0, 8, 31])
    assert.throws(() => wrapKey(Buffer.alloc(32), Buffer.alloc(length)), RangeError);
});
