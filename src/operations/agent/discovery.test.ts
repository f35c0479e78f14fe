/** Discovery: members with addresses agents can use, and whether this KMA is locked. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, set } from '../../core/facts.ts';
import { AgentWorld } from './agent-world.fixture.ts';
import { discoverCluster } from './discovery.ts';
import { addressesOf } from './member-address.ts';

test('tells the asking agent its site and this KMA', async () => {
  const world = new AgentWorld();
  const siteId = world.site('north');
  world.commit([set('kma', world.self.kmaId, { siteId, hostName: 'kma1', serviceAddress: '192.0.2.10' })]);
  world.load = 7;
  const reply = await world.given(discoverCluster, {}, world.agent('drive-1', [], { siteId }));
  assert.deepEqual(reply, {
    entitySiteId: 'north',
    clusterMembers: [
      {
        kmaId: 1,
        kmaName: 'kma-1',
        kmaSiteId: 'north',
        kmaHostName: 'kma1',
        kmaNetworkAddress: '192.0.2.10',
        enabled: true,
        load: 7,
        responding: true,
        kmaVersion: 'Build700',
        kmaHostNameIpv6: '',
        kmaNetworkAddressIpv6: '',
        locked: false,
      },
    ],
  });
});

test('works while locked, and says so', async () => {
  const world = new AgentWorld();
  world.unlocked = false;
  const reply = await world.given(discoverCluster, {}, world.agent('drive-1'));
  assert.deepEqual([reply.clusterMembers[0]?.locked, reply.entitySiteId], [true, '']);
});

test('of other KMAs it says what it knows and not that they respond', async () => {
  const world = new AgentWorld();
  world.commit([
    created('kma', 'DD', { name: 'kma-2', createdAt: 1, number: 22 }),
    set('kma', 'DD', { enabled: 0, serviceAddress: '192.0.2.11' }),
  ]);
  const { clusterMembers } = await world.given(discoverCluster, {}, world.agent('drive-1'));
  const other = clusterMembers.find(({ kmaName }) => kmaName === 'kma-2');
  assert.deepEqual(
    [other?.kmaId, other?.kmaNetworkAddress, other?.enabled, other?.responding, other?.locked],
    [22, '192.0.2.11', false, false, undefined],
  );
});

const kma = (serviceAddress: string, serviceAddressIPv6 = '', hostName = 'Kma1.Example') => ({
  serviceAddress,
  serviceAddressIPv6,
  hostName,
});

test('hazard 8: a bare IPv6 address is never where agents expect IPv4 or a name', () => {
  assert.deepEqual(addressesOf(kma('2001:DB8::1'), '2001:db8::1'), {
    ipv4OrName: 'kma1.example',
    ipv6: '2001:db8::1',
  });
  assert.deepEqual(addressesOf(kma('[2001:db8::1]'), ''), {
    ipv4OrName: 'kma1.example',
    ipv6: '2001:db8::1',
  });
});

test('gives each address its own place', () => {
  assert.deepEqual(addressesOf(kma('192.0.2.10', '2001:db8::1/64'), '198.51.100.1'), {
    ipv4OrName: '192.0.2.10',
    ipv6: '2001:db8::1/64',
  });
});

test('where it listens on every address, the one the agent came by counts', () => {
  for (const wildcard of ['0.0.0.0', '::', '[::]', ''])
    assert.deepEqual(addressesOf(kma(wildcard), '198.51.100.1'), { ipv4OrName: '198.51.100.1', ipv6: '' });
  assert.equal(addressesOf(kma('0.0.0.0'), '::ffff:198.51.100.1').ipv4OrName, '198.51.100.1');
  assert.deepEqual(addressesOf(kma('::'), '2001:db8::7'), {
    ipv4OrName: 'kma1.example',
    ipv6: '2001:db8::7',
  });
});

test('names are in lower case, as agents compare them', () => {
  assert.equal(addressesOf(kma('KMA.Example'), '').ipv4OrName, 'kma.example');
});

test('a KMA without any address has empty ones', () => {
  const nothing = { serviceAddress: null, serviceAddressIPv6: null, hostName: null };
  assert.deepEqual(addressesOf(nothing, ''), { ipv4OrName: '', ipv6: '' });
});

test('an IPv6 literal given as host name is not sent where it would keep agents away', () => {
  assert.equal(addressesOf(kma('2001:db8::1', '', '::1'), '').ipv4OrName, '');
  assert.equal(addressesOf(kma('192.0.2.10', '', '::1'), '').ipv4OrName, '192.0.2.10');
});
