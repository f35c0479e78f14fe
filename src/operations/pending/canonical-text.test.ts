/** One text, one hash, one code: nothing that a user names can pass for a line of ours. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonicalText, quote, shortCode, textSha256 } from './canonical-text.ts';

test('the code is the first eighty bits of the hash, in letters that are not mistaken for each other', () => {
  assert.equal(shortCode('0'.repeat(64)), '0000-0000-0000-0000');
  assert.equal(shortCode('F'.repeat(64)), 'ZZZZ-ZZZZ-ZZZZ-ZZZZ');
  assert.equal(shortCode(`0842108421${'0'.repeat(54)}`), '1111-1111-0000-0000');
  const { text, sha256, code } = canonicalText(['one', 'two']);
  assert.equal(text, 'one\ntwo\n');
  assert.equal(sha256, textSha256(text));
  assert.equal(code, shortCode(sha256));
  fc.assert(
    fc.property(fc.string(), (line) => {
      assert.match(canonicalText([line]).code, /^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/);
    }),
  );
});

test('other lines have another hash and another code', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (one, other) => {
      fc.pre(one !== other);
      const [a, b] = [canonicalText([quote(one)]), canonicalText([quote(other)])];
      assert.notEqual(a.sha256, b.sha256);
      assert.notEqual(a.code, b.code);
    }),
  );
});

test('what others have named stays within its quotes and its line', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (name) => {
      const quoted = quote(name);
      assert.ok(quoted.startsWith('"') && quoted.endsWith('"') && !/[\n\r]/.test(quoted));
      assert.equal(JSON.parse(quoted), name);
    }),
  );
});
