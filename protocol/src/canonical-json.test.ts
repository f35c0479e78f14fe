/** One value, one text: whatever the order, whatever the keyboard. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonicalJson, canonicalSha256 } from './canonical-json.ts';

test('the text is JSON of the same value', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonicalJson(value);
      assert.equal(canonicalJson(JSON.parse(text)), text);
    }),
  );
});

test('the order of members does not count, that of a list does', () => {
  const members = fc.array(fc.tuple(fc.string(), fc.jsonValue()), { maxLength: 8 });
  fc.assert(
    fc.property(members, (entries) => {
      const different = [...new Map(entries)];
      const there = Object.fromEntries(different);
      const back = Object.fromEntries(different.toReversed());
      assert.equal(canonicalJson(there), canonicalJson(back));
    }),
  );
  assert.equal(
    canonicalJson({ b: 1, a: [2, 1], c: { z: null, y: true } }),
    '{"a":[2,1],"b":1,"c":{"y":true,"z":null}}',
  );
  assert.notDeepEqual(canonicalSha256([1, 2]), canonicalSha256([2, 1]));
});

test('a text typed as one code point or as two is one text', () => {
  assert.equal(canonicalJson('Ja\u0308ger'), canonicalJson('J\u00e4ger'));
});

test('an absent member and one that is undefined are the same, and neither is null', () => {
  assert.equal(canonicalJson({ a: 1, b: undefined }), canonicalJson({ a: 1 }));
  assert.notEqual(canonicalJson({ a: 1, b: null }), canonicalJson({ a: 1 }));
});

test('what is no JSON is refused', () => {
  const endless: unknown[] = [];
  endless.push(endless);
  for (const value of [undefined, Number.NaN, 1n, new Date(), Buffer.of(1), () => 1, [undefined], endless])
    assert.throws(() => canonicalJson(value), RangeError);
});
