/** The affinity cache remembers who created what, within its bound. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AffinityCache } from './affinity.ts';

test('finds the KMA of the first known identifier', () => {
  const cache = new AffinityCache();
  cache.remember('unit', '1');
  cache.remember('key', '2');
  assert.equal(cache.find(['other', 'key', 'unit']), '2');
  assert.equal(cache.find(['other']), undefined);
  cache.remember('key', '3');
  assert.equal(cache.find(['key']), '3');
});

test('keeps the 128 entries used last', () => {
  const cache = new AffinityCache();
  for (let i = 0; i < 128; i++) cache.remember(`id${i}`, 'kma');
  cache.find(['id0']);
  cache.remember('id128', 'kma');
  assert.equal(cache.find(['id0']), 'kma');
  assert.equal(cache.find(['id1']), undefined);
  assert.equal(cache.find(['id2']), 'kma');
});
