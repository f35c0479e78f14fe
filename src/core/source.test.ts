/** Which addresses are one source. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sourceOf } from './source.ts';

test('every IPv4 address is a source of its own', () => {
  assert.equal(sourceOf('192.0.2.7'), '192.0.2.7');
  assert.notEqual(sourceOf('192.0.2.7'), sourceOf('192.0.2.8'));
  assert.equal(sourceOf(''), '');
});

test('all addresses of one IPv6 network of 64 bits are one source, however they are written', () => {
  const network = '2001:db8:0:7::/64';
  for (const address of [
    '2001:db8:0:7::1',
    '2001:DB8:0:7:ffff:1:2:3',
    '2001:0db8:0000:0007:0:0:0:9',
    '2001:db8::7:0:0:0:2',
  ])
    assert.equal(sourceOf(address), network);
  assert.equal(sourceOf('::1'), '0:0:0:0::/64');
  assert.equal(sourceOf('2001:db8::'), '2001:db8:0:0::/64');
  assert.notEqual(sourceOf('2001:db8:0:8::1'), network);
});
