/** JSON keeps every value and holds nothing that a terminal would obey. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { jsonText } from './json-text.ts';

test('C1, DEL, direction and tag characters are escaped, line ends of the layout stay', () => {
  const text = jsonText({ a: 'x\u009b31m\u007f\u202ey\u2028\u{e0001}ä' }, 2);
  assert.equal(text, '{\n  "a": "x\\u009b31m\\u007f\\u202ey\\u2028\\udb40\\udc01ä"\n}');
});

test('whatever stands in a name or value is read back as it was', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })), (record) => {
      const text = jsonText(record);
      assert.doesNotMatch(text, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(record)));
    }),
  );
});
