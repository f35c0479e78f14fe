/** Addresses of KMAs: what is taken, and which of two is used (protocol 1.3). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClusterMember } from '@openkma/protocol';
import { memberAddress, normalAddress, requireAddress, socketHost } from './address.ts';

const member = (kmaNetworkAddress: string, kmaNetworkAddressIpv6?: string): ClusterMember => ({
  kmaId: 1,
  kmaName: 'KMA1',
  kmaSiteId: '',
  kmaHostName: '',
  kmaNetworkAddress,
  kmaNetworkAddressIpv6,
  enabled: true,
  load: 0,
  responding: true,
});

test('takes names, IPv4 and IPv6, in lower case and IPv6 in brackets', () => {
  assert.equal(normalAddress('KMA1.Example.org'), 'kma1.example.org');
  assert.equal(normalAddress('192.0.2.10'), '192.0.2.10');
  assert.equal(normalAddress('[2001:DB8::1]'), '[2001:db8::1]');
  assert.equal(normalAddress('::1'), '[::1]');
  assert.equal(socketHost('[::1]'), '::1');
  assert.equal(socketHost('kma1'), 'kma1');
});

test('refuses what is no address', () => {
  for (const text of [
    '',
    ' ',
    'a b',
    'kma:3334',
    'http://kma',
    '[kma]',
    'kma\r\nX: y',
    '-kma',
    'a'.repeat(256),
    '[::1',
  ])
    assert.equal(normalAddress(text), null, text);
  assert.throws(() => requireAddress('http://kma'), /not an address/);
});

test('prefers IPv6 only after an IPv6 start address, without its prefix length', () => {
  const both = member('192.0.2.10', '2001:db8::10/64');
  assert.equal(memberAddress(both, true), '[2001:db8::10]');
  assert.equal(memberAddress(both, false), '192.0.2.10');
  assert.equal(memberAddress(member('192.0.2.10', ''), true), '192.0.2.10');
  assert.equal(memberAddress(member('192.0.2.10'), true), '192.0.2.10');
});
