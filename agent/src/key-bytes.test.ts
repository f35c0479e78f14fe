/** Key bytes cannot be printed by accident. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { KeyBytes } from './key-bytes.ts';

test('hides its bytes from text, JSON and inspection', () => {
  const key = new KeyBytes(Buffer.from('0123456789abcdef'));
  const printed = `${key} ${JSON.stringify({ key })} ${inspect({ key }, { depth: 9, showHidden: true })}`;
  for (const form of ['0123456789abcdef', '30313233', '48,49', 'MDEy'])
    assert.ok(!printed.includes(form), form);
});

test('gives its bytes on request and wipes them', () => {
  const bytes = Buffer.from([1, 2, 3]);
  const key = new KeyBytes(bytes);
  assert.equal(key.length, 3);
  assert.deepEqual([...key.reveal()], [1, 2, 3]);
  key[Symbol.dispose]();
  assert.deepEqual([...bytes], [0, 0, 0]);
});
