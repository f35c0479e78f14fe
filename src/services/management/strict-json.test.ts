/** What a caller's JSON may be, and what two programs could read in two ways. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseStrictJson } from './strict-json.ts';

const parse = (text: string) => parseStrictJson(Buffer.from(text));

test('an object is read as it is, brackets and colons inside of texts too', () => {
  const value = { a: '}]:"\\{', b: [1, { a: true }], c: { a: null } };
  assert.deepEqual(parse(JSON.stringify(value)), value);
});

test('a member that is there twice is refused, also when it is written in another way', () => {
  assert.equal(parse('{"a":1,"a":2}'), null);
  assert.equal(parse('{"a":1,"\\u0061":2}'), null);
  assert.equal(parse('{"b":{"a":1,"a":1}}'), null);
  assert.deepEqual(parse('{"a":{"a":1},"b":{"a":1}}'), { a: { a: 1 }, b: { a: 1 } });
});

test('what is no object, no UTF-8, or nested deeper than eight is refused', () => {
  for (const text of ['', '[]', 'null', '1', '"a"', '{', '\ufeff{}']) assert.equal(parse(text), null, text);
  assert.equal(parseStrictJson(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])), null);
  const nested = (depth: number) => `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;
  assert.notEqual(parse(nested(8)), null);
  assert.equal(parse(nested(9)), null);
  assert.equal(parse(nested(100_000)), null);
});
