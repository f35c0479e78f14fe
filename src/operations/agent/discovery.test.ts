/** Discovery: members with addresses agents can use, and whether this KMA is locked. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, event, set } from '../../core/facts.ts';
import type { KmaId } from '../../core/ids.ts';
import type { MemberStanding } from '../member-standing.ts';
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

const B = 'D'.repeat(32) as KmaId;
const heardOf = (more: Partial<MemberStanding> = {}): MemberStanding => ({
  kmaId: B,
  responding: true,
  responseMs: 12,
  clockAheadMs: 0,
  health: { locked: false, load: 4.4, keyPoolReadyPercent: 80, version: '9.9.9' },
  heardAtMs: 1,
  service: null,
  lagEntries: () => 0,
  ...more,
});

/** Two members, and how this one tells an agent of the other. */
function worldOfTwo() {
  const world = new AgentWorld();
  const siteId = world.site('south');
  world.commit([
    created('kma', B, { name: 'kma-2', createdAt: 1, number: 22 }),
    set('kma', B, { enabled: 1, siteId, serviceAddress: '192.0.2.11', serviceAddressIPv6: '2001:db8::2' }),
  ]);
  const agent = world.agent('drive-1');
  const other = async (...members: MemberStanding[]) => {
    world.members = members;
    const { clusterMembers } = await world.given(discoverCluster, {}, agent);
    return clusterMembers.find(({ kmaName }) => kmaName === 'kma-2');
  };
  return { world, other };
}

test('another member is told with its state as last heard, and the version that agents go by', async () => {
  const { other } = worldOfTwo();
  assert.deepEqual(await other(heardOf()), {
    kmaId: 22,
    kmaName: 'kma-2',
    kmaSiteId: 'south',
    kmaHostName: '',
    kmaNetworkAddress: '192.0.2.11',
    enabled: true,
    load: 4,
    responding: true,
    kmaVersion: 'Build700',
    kmaHostNameIpv6: '',
    kmaNetworkAddressIpv6: '2001:db8::2',
    locked: false,
  });
  const locked = { locked: true, load: 0, keyPoolReadyPercent: 80, version: '9.9.9' };
  assert.equal((await other(heardOf({ health: locked })))?.locked, true);
});

test('of a member that does not respond, or was never heard of, it tells no lock and no load', async () => {
  const { other } = worldOfTwo();
  for (const members of [[], [heardOf({ responding: false })], [heardOf({ health: null })]]) {
    const told = await other(...members);
    assert.deepEqual(
      [told?.responding, told?.load, told?.locked, told?.enabled],
      [false, 0, undefined, true],
    );
    assert.equal(told?.kmaNetworkAddress, '192.0.2.11');
  }
});

test('of two lives of a member the one that responds counts, else the one heard last', async () => {
  const { other } = worldOfTwo();
  const earlier = heardOf({ responding: false, heardAtMs: 5 });
  for (const lives of [
    [earlier, heardOf()],
    [heardOf(), earlier],
  ])
    assert.equal((await other(...lives))?.responding, true);
});

test('a removed member is not told', async () => {
  const { world, other } = worldOfTwo();
  world.commit([event('kma', B, 'removed', { removedHow: 'retired' })]);
  assert.equal(await other(heardOf()), undefined);
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
