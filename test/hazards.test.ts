/** What crashes or hangs real agents (protocol 13), each hazard by its number against a running KMA; what a codec alone can prevent is held in protocol/. */
import assert from 'node:assert/strict';
import { createPublicKey, randomBytes } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import { after, test } from 'node:test';
import type { OperationOf } from '@openkma/protocol';
import { startKma } from '../src/processes/supervisor.ts';
import { AGENT_PASSPHRASE, COMPLIANCE, OFFICER, OPERATOR, QUORUM, TestKma } from './support/kma.ts';
import { callRaw, enrolRaw, RawAgent, unitOf } from './support/raw-agent.ts';
import { assertSoundResponse } from './support/response-form.ts';
import { open } from './support/soap.ts';
import { EMPTY_ABOUT, externalId, QUERY, soundRequests } from './support/sound-requests.ts';
import { until } from './support/until.ts';

const FRONTS = ['front 1', 'front 2'];

const kma = await TestKma.start({ fronts: FRONTS.length });
after(() => kma[Symbol.asyncDispose]());
const agent = await RawAgent.create(kma, 'drive');

test('hazard 1, missing or nil elements: every response has all of its elements, with everything empty', async () => {
  const requests = await soundRequests(agent);
  for (const name of Object.keys(requests) as OperationOf<'agent'>[]) {
    const { xml, headers } = await agent.answer(name, requests[name]);
    assertSoundResponse(name, xml);
    assert.ok(!/\bnil=/.test(xml), name);
    assert.match(headers, /^Content-Type: text\/xml; charset=utf-8$/im);
  }
  assertSoundResponse('DiscoverCluster', (await agent.answer('DiscoverCluster', {})).xml);
  const nobody = { entityId: '' };
  for (const name of ['RetrieveRootCACertificate', 'RetrieveLocalClock'] as const)
    assertSoundResponse(name, (await callRaw(kma.ports, name, nobody)).xml);
  await kma.createAgent('form');
  assertSoundResponse('RetrieveEntityCertificate', (await enrolRaw(kma.ports, 'form')).answer.xml);
});

test('hazard 1, missing or nil elements: an agent without group, site and keys gets its empty elements', async () => {
  await kma.ask('CreateAgent', { agent: 'bare', passphrase: AGENT_PASSPHRASE }, OPERATOR);
  const bare = await RawAgent.enrol(kma.ports, 'bare');
  const groups = await bare.answer('ListKeyGroups', { queryParameters: QUERY });
  assertSoundResponse('ListKeyGroups', groups.xml);
  assert.match(groups.xml, /<KeyGroups><\/KeyGroups><LastPage>true<\/LastPage>/);
  const discovered = await bare.answer('DiscoverCluster', {});
  assertSoundResponse('DiscoverCluster', discovered.xml);
  assert.match(discovered.xml, /<EntitySiteID><\/EntitySiteID>/);
  const dataUnit = unitOf(await bare.createUnit());
  const page = await bare.answer('RetrieveDataUnitKeys', { dataUnit, pageSize: 32, pageOffset: 0 });
  assertSoundResponse('RetrieveDataUnitKeys', page.xml);
  assert.match(page.xml, /<KeysRemaining>0<\/KeysRemaining><Keys><\/Keys>/);
});

test('hazard 2, odd number of hex digits: an odd identifier is refused and nothing of it comes back', async () => {
  const about = { externalTag: 'odd', description: '' };
  assert.equal(await agent.refusal('CreateDataUnit', { externalUniqueId: 'ABC', ...about }), 1016);
  assert.equal(
    await agent.refusal('RetrieveDataUnitByExternalUniqueID', { externalUniqueId: 'ABC', ...about }),
    1016,
  );
  const dataUnitId = await agent.createUnit();
  assert.equal(
    await agent.refusal('RetrieveDataUnit', { dataUnitId, externalUniqueId: 'ABC', ...about }),
    1016,
  );
  const stale = unitOf(externalId(), { externalUniqueId: 'ABC' });
  await agent.call('CreateKey', { dataUnit: stale, keyGroupId: '' });
  for (const id of [dataUnitId, stale.dataUnitId]) {
    const { xml } = await agent.answer('RetrieveDataUnit', {
      dataUnitId: id,
      externalUniqueId: '',
      ...EMPTY_ABOUT,
    });
    assertSoundResponse('RetrieveDataUnit', xml);
    assert.match(xml, /<ExternalUniqueID><\/ExternalUniqueID>/);
  }
});

test('hazard 3, identifiers too long: the longest fit, longer ones are refused and never come back', async () => {
  const longest = externalId(32);
  const { xml } = await agent.answer('CreateDataUnit', { externalUniqueId: longest, ...EMPTY_ABOUT });
  assertSoundResponse('CreateDataUnit', xml);
  assert.ok(xml.includes(`<ExternalUniqueID>${longest}</ExternalUniqueID>`));
  const tooLong = externalId(33);
  for (const name of ['CreateDataUnit', 'RetrieveDataUnitByExternalUniqueID'] as const)
    assert.equal(await agent.refusal(name, { externalUniqueId: tooLong, ...EMPTY_ABOUT }), 1016);
  const dataUnitId = externalId(17);
  assert.equal(
    await agent.refusal('RetrieveDataUnit', { dataUnitId, externalUniqueId: '', ...EMPTY_ABOUT }),
    1013,
  );
  const unit = unitOf(externalId(), { externalUniqueId: tooLong });
  await agent.call('CreateKey', { dataUnit: unit, keyGroupId: '' });
  const kept = await agent.answer('RetrieveDataUnit', {
    dataUnitId: unit.dataUnitId,
    externalUniqueId: '',
    ...EMPTY_ABOUT,
  });
  assertSoundResponse('RetrieveDataUnit', kept.xml);
});

async function publicKeyBits(): Promise<number | undefined> {
  const { kwkPublicKey } = await agent.call('GetAgentKWKPublicKey', {});
  const pem = Buffer.from(kwkPublicKey).toString('latin1');
  assert.match(pem, /^-----BEGIN PUBLIC KEY-----\n/);
  return createPublicKey(pem).asymmetricKeyDetails?.modulusLength;
}
async function killCore(): Promise<void> {
  const pid = kma.kma.pids().get('core') ?? 0;
  process.kill(pid, 'SIGKILL');
  await until('another core', () => ![undefined, pid].includes(kma.kma.pids().get('core')));
  await until('it serves', () => agent.call('DiscoverCluster', {}));
}

test('hazard 4, KWK public key above 2048 bits: it has 2048, of the next core too', async () => {
  assert.equal(await publicKeyBits(), 2048);
  await killCore();
  assert.equal(await publicKeyBits(), 2048);
});

const CREATE = { dataUnit: unitOf(''), keyGroupId: '' };

test('hazard 5, 1135 or 1136 for ever: an ID just issued works at once at every front, whoever else registers', async () => {
  const agents = [agent, await RawAgent.create(kma, 'second'), await RawAgent.create(kma, 'third')];
  const unit = unitOf(await agent.createUnit());
  const page = { dataUnit: unit, pageSize: 1, pageOffset: 0 };
  const work = async (caller: RawAgent) => {
    for (let round = 0; round < 20; round++) {
      const { id: agentKwkId } = await caller.registerKwk();
      // Each call is a connection of its own, so that both fronts are asked.
      for (let i = 0; i < 3; i++) await caller.call('RetrieveDataUnitKeys2', { ...page, agentKwkId });
    }
  };
  await Promise.all([...agents, ...agents].map(work));
});

test('hazard 5, 1135 or 1136 for ever: sixty processes of one agent that register at once all work', async () => {
  const registered = await Promise.all(Array.from({ length: 60 }, () => agent.registerKwk()));
  const unit = unitOf(await agent.createUnit());
  const page = { dataUnit: unit, pageSize: 1, pageOffset: 0 };
  await Promise.all(
    registered.map(({ id }) => agent.call('RetrieveDataUnitKeys2', { ...page, agentKwkId: id })),
  );
});

test('hazard 5, 1135 or 1136 for ever: after a restart of the core one new registration is enough', async () => {
  const { id: before } = await agent.registerKwk();
  await agent.call('CreateKey2', { ...CREATE, agentKwkId: before });
  await killCore();
  assert.equal(await agent.refusal('CreateKey2', { ...CREATE, agentKwkId: before }), 1135);
  const { id: after } = await agent.registerKwk();
  await agent.call('CreateKey2', { ...CREATE, agentKwkId: after });
  using library = await kma.agent('library');
  await library.createKey();
  await killCore();
  assert.equal((await library.createKey()).key.reveal().length, 32, 'the library does so by itself');
});

test('hazard 6, failed discovery: it is answered under load, while agents are refused, and after a front was killed', async () => {
  const load = Array.from({ length: 60 }, () => agent.call('CreateKey', CREATE));
  const discoveries = Array.from({ length: 20 }, () => agent.call('DiscoverCluster', {}));
  await Promise.all([...load, ...discoveries]);
  await kma.ask('UnassignKeyGroup', { agent: 'drive', group: 'group-a' }, COMPLIANCE);
  assert.equal(await agent.refusal('CreateKey', CREATE), 1000);
  await agent.call('DiscoverCluster', {});
  await kma.ask('AssignKeyGroup', { agent: 'drive', group: 'group-a', default: true }, COMPLIANCE);
  for (const name of FRONTS) {
    const pid = kma.kma.pids().get(name) ?? 0;
    process.kill(pid, 'SIGKILL');
    await until('discovery is answered', () => agent.call('DiscoverCluster', {}));
    await until('the front is back', () => ![undefined, pid].includes(kma.kma.pids().get(name)));
  }
  // Connections that say nothing must not stand in the way.
  const silent = Array.from({ length: 50 }, () => open(kma.ports.discovery));
  for (const socket of silent) socket.on('error', () => {});
  await agent.call('DiscoverCluster', {});
  for (const socket of silent) socket.destroy();
});

test('hazard 7, empty public key or KWK ID of a wrong length: neither for whatever is sent', async () => {
  const { kwkPublicKey } = await agent.call('GetAgentKWKPublicKey', {});
  assert.ok(kwkPublicKey.length > 0);
  for (const agentKwk of [randomBytes(256), randomBytes(1), Buffer.alloc(512), Buffer.alloc(256, 0xff)]) {
    const { xml } = await agent.answer('RegisterAgentKWK', { agentKwk });
    assertSoundResponse('RegisterAgentKWK', xml);
  }
});

/** KMANetworkAddress and KMANetworkAddressIPv6 of the one member. */
async function addresses(caller: RawAgent): Promise<readonly [string, string]> {
  const { xml, response } = await caller.answer('DiscoverCluster', {});
  assertSoundResponse('DiscoverCluster', xml);
  const [member] = 'clusterMembers' in response ? response.clusterMembers : [];
  return [member?.kmaNetworkAddress ?? '?', member?.kmaNetworkAddressIpv6 ?? '?'];
}
const setAddresses = (input: object) => kma.ask('ModifyKma', { kma: 'kma-test', ...input }, OFFICER, QUORUM);

test('hazard 8, bare IPv6 address: it stands in its own attribute, whatever field it was entered in', async () => {
  assert.deepEqual(await addresses(agent), ['127.0.0.1', '']);
  await setAddresses({ serviceAddress: 'KMA-1.Example', serviceIpv6Address: '2001:db8::7/64' });
  assert.deepEqual(await addresses(agent), ['kma-1.example', '2001:db8::7/64']);
  await setAddresses({ serviceAddress: '2001:DB8::1', serviceIpv6Address: '' });
  assert.deepEqual(await addresses(agent), ['127.0.0.1', '2001:db8::1']);
  await setAddresses({ serviceAddress: '', serviceIpv6Address: '' });
  assert.deepEqual(await addresses(agent), ['127.0.0.1', '']);
});

const hasIpv6 = Object.values(networkInterfaces())
  .flat()
  .some((found) => found?.address === '::1');

test('hazard 8, bare IPv6 address: nor that of the connection, where a KMA listens on IPv6 only', {
  skip: hasIpv6 ? false : 'this machine has no IPv6',
}, async () => {
  await kma.stop();
  const running = await startKma({
    dataDirectory: kma.data,
    addresses: { management: '::1', service: '::1' },
    ports: { ca: 0, certificate: 0, management: 0, agent: 0, discovery: 0, replication: 0 },
    fronts: 1,
  });
  try {
    const port = running.listens.find(({ service }) => service === 'discovery')?.port ?? 0;
    const identity = { ...agent.identity, host: '::1' };
    const ports = { ...agent.ports, discovery: port };
    const [address, ipv6] = await addresses(new RawAgent('drive', ports, identity));
    assert.ok(!address.includes(':'), address);
    assert.equal(ipv6, '::1');
  } finally {
    await running.stop();
  }
});
