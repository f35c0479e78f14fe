/** Addresses and networks as people type them for a firewall. */
import assert from 'node:assert/strict';
import { BlockList } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { OpenKmaError } from '../errors.ts';
import { apart, covers, type Network, networkText, readNetwork } from './network.ts';
import { network } from './setting.fixture.ts';

function refusalOf(text: string): string {
  try {
    readNetwork(text);
  } catch (error) {
    assert.ok(error instanceof OpenKmaError && error.code === 'FIREWALL_ADDRESS_UNUSABLE');
    return error.detail ?? '';
  }
  return assert.fail(`${text} was taken`);
}

test('addresses and networks of both families are read, and written in the shortest form', () => {
  for (const [given, shown = given] of [
    ['192.0.2.1'],
    ['192.0.2.0/24'],
    ['192.0.2.1/32', '192.0.2.1'],
    ['0.0.0.0/0'],
    ['::/0'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:db8::/32'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
    ['fe80::1'],
    ['::1'],
  ] as const)
    assert.equal(networkText(readNetwork(given)), shown);
});

test('what names nobody or other hosts than meant is refused with the reason', () => {
  for (const [text, reason] of [
    ['kma.example', /neither an IPv4 nor an IPv6 address/],
    ['', /neither/],
    ['192.0.2', /neither/],
    ['192.0.2.256', /neither/],
    ['fe80::1%eth0', /neither/],
    ['192.0.2.1;drop', /neither/],
    ['192.0.2.1/33', /at most 32/],
    ['2001:db8::/129', /at most 128/],
    ['192.0.2.7/24', /the address 192\.0\.2\.7 or the network 192\.0\.2\.0\/24/],
    ['0.0.0.0', /unspecified/],
    ['::', /unspecified/],
    ['224.0.0.1', /multicast/],
    ['255.255.255.255', /multicast or reserved/],
    ['ff02::1', /multicast/],
    ['::ffff:192.0.2.1', /the IPv4 address itself/],
  ] as const)
    assert.match(refusalOf(text), reason);
});

test('what is written reads as the same network', () => {
  fc.assert(fc.property(network, (given) => assert.deepEqual(readNetwork(networkText(given)), given)));
});

test('networks apart cover the same addresses, and none of them lies within another', () => {
  fc.assert(
    fc.property(fc.array(network, { maxLength: 8 }), (given) => {
      const kept = apart(given);
      for (const one of kept)
        assert.deepEqual(
          kept.filter((other) => covers(other, one)),
          [one],
        );
      for (const one of given) assert.ok(kept.some((other) => covers(other, one)));
      for (const one of kept) assert.ok(given.includes(one));
    }),
  );
});

test('one network covers another exactly where the system says so', () => {
  fc.assert(
    fc.property(network, network, (wide, narrow) => {
      const list = new BlockList();
      const family = (of: Network) => (of.family === 4 ? 'ipv4' : 'ipv6');
      const address = (of: Network) => networkText(of).split('/')[0] ?? '';
      list.addSubnet(address(wide), wide.prefix, family(wide));
      const inside = wide.family === narrow.family && list.check(address(narrow), family(narrow));
      assert.equal(covers(wide, narrow), inside && wide.prefix <= narrow.prefix);
    }),
  );
});
