/** Holds the comparison of secrets to being right; that it takes no shorter for a difference at the front is timingSafeEqual's promise. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sameBytes } from './same-bytes.ts';

test('equal bytes are the same, all others are not, of whatever length', () => {
  const bytes = Buffer.from('0123456789abcdef');
  assert.ok(sameBytes(bytes, Uint8Array.from(bytes)));
  assert.ok(sameBytes(Buffer.alloc(0), Buffer.alloc(0)));
  for (let at = 0; at < bytes.length; at++) {
    const other = Buffer.from(bytes);
    other[at] = (other[at] ?? 0) ^ 1;
    assert.ok(!sameBytes(bytes, other));
  }
  assert.ok(!sameBytes(bytes, bytes.subarray(1)));
  assert.ok(!sameBytes(bytes, Buffer.alloc(0)));
});
