/** Identifiers are upper-case hex of the length the wire asks for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DataUnitId, idFrom, keyIdFrom, toHex } from './ids.ts';
import { isRefusal, refuse } from './refusal.ts';

test('writes bytes as upper-case hex', () => {
  assert.equal(toHex(Uint8Array.from([0, 1, 0xab, 0xff])), '0001ABFF');
  assert.equal(idFrom<DataUnitId>(new Uint8Array(16).fill(0xa0)), 'A0'.repeat(16));
});

test('a key ID is version 0000 and 28 random bytes', () => {
  assert.equal(keyIdFrom(new Uint8Array(28).fill(0x5e)), `0000${'5E'.repeat(28)}`);
});

test('a refusal is told from every other value', () => {
  assert.deepEqual(refuse('ACCESS_DENIED'), { refused: 'ACCESS_DENIED' });
  assert.deepEqual(refuse('ACCESS_DENIED', 'why'), { refused: 'ACCESS_DENIED', detail: 'why' });
  assert.equal(isRefusal(refuse('SERVER_BUSY')), true);
  for (const value of [null, undefined, 'refused', 7, {}, []]) assert.equal(isRefusal(value), false);
});
