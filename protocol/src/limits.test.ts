/** The constants whose value is a trap: agents compare versions as text (protocol 5.2). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KEY_WRAP_VERSION, KMA_VERSION, KMA_VERSION_BYTES, LOAD_IGNORED_VERSION } from './index.ts';

const compareBytes = (one: string, other: string): number =>
  Buffer.compare(Buffer.from(one), Buffer.from(other));

test('agents take our version for one that wraps keys and reports loads', () => {
  assert.ok(compareBytes(KMA_VERSION, KEY_WRAP_VERSION) >= 0);
  assert.ok(compareBytes(KMA_VERSION, LOAD_IGNORED_VERSION) > 0);
  assert.ok(Buffer.byteLength(KMA_VERSION) <= KMA_VERSION_BYTES);
});

test('versions with more digits would be taken for older ones', () => {
  for (const trap of ['Build1016', 'Build2000', '3.0.0']) assert.ok(compareBytes(trap, KEY_WRAP_VERSION) < 0);
});
