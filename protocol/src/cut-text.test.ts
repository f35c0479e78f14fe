/** Cutting text: by bytes, never inside of a character. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cutUtf8 } from './index.ts';

test('a text that fits is left alone', () => {
  assert.equal(cutUtf8('ä'.repeat(32), 64), 'ä'.repeat(32));
  assert.equal(cutUtf8('', 0), '');
});

test('a text is cut between characters, not bytes', () => {
  assert.equal(cutUtf8(`${'a'.repeat(63)}ä`, 64), 'a'.repeat(63));
  assert.equal(cutUtf8('ä'.repeat(64), 64), 'ä'.repeat(32));
  assert.equal(cutUtf8('🔑🔑', 7), '🔑');
  assert.equal(cutUtf8('🔑', 3), '');
});

test('the result is the longest beginning that fits', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.nat(80), (text, maxBytes) => {
      const cut = cutUtf8(text, maxBytes);
      assert.ok(text.startsWith(cut));
      assert.ok(Buffer.byteLength(cut) <= maxBytes);
      const next = [...text].at([...cut].length);
      if (next !== undefined) assert.ok(Buffer.byteLength(cut + next) > maxBytes);
    }),
  );
});
