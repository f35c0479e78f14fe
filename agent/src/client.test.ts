/** The agent against KMAs over real TLS: every call, wrapped and plain. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { inspect } from 'node:util';
import { SoapFault } from '@openkma/protocol';
import { enrolledClient, enrolledProfile } from '../test/enrolled-agent.ts';
import { TestCluster, TestFault } from '../test/test-cluster.ts';
import { KmaClient } from './client.ts';
import { AgentError, KmsUnavailableError } from './errors.ts';
import type { RetrievedKey } from './key-calls.ts';

let cluster: TestCluster;
before(async () => {
  cluster = await TestCluster.start(1);
});
after(() => cluster.stop());

const plain = { settings: { discoveryFrequencyMs: 0 } };
const hex = (client: { key: { reveal(): Buffer } }) => client.key.reveal().toString('hex');

async function idsOf(keys: AsyncIterable<RetrievedKey>): Promise<string[]> {
  const ids: string[] = [];
  for await (const { keyId } of keys) ids.push(keyId);
  return ids;
}

test('creates and finds data units', async (t) => {
  const client = await enrolledClient(t, cluster);
  const unit = await client.createDataUnit({
    externalUniqueId: '54a1',
    externalTag: 'VOL001',
    description: 'Bänder',
  });
  assert.deepEqual(
    { ...unit, dataUnitId: '' },
    {
      dataUnitId: '',
      externalUniqueId: '54A1',
      externalTag: 'VOL001',
      description: 'Bänder',
      state: 'DATA-UNIT-STATE-NO-KEY',
    },
  );
  assert.deepEqual(await client.retrieveDataUnit(unit.dataUnitId.toLowerCase()), unit);
  assert.deepEqual(await client.retrieveDataUnitByExternalUniqueId('54A1'), unit);
  await client.disassociateDataUnitKeys(unit.dataUnitId);
  await assert.rejects(
    client.createDataUnit({ externalUniqueId: '54A1' }),
    (error) => error instanceof SoapFault && error.number === 1015,
  );
});

for (const [form, options] of [
  ['wrapped', {}],
  ['plain', plain],
] as const) {
  test(`creates keys and gets them again, ${form}`, async (t) => {
    const client = await enrolledClient(t, cluster, options);
    const { dataUnitId } = await client.createDataUnit();
    const key = await client.createKey({ dataUnitId, keyGroupId: 'Gruppe-Ä' });
    assert.equal(key.keyGroupId, 'Gruppe-Ä');
    assert.equal(key.key.length, 32);
    assert.equal(hex(key), Buffer.from(cluster.keys.at(-1)?.key.key ?? []).toString('hex'));
    assert.equal(hex(await client.retrieveKey(key.keyId, { dataUnitId })), hex(key));
    assert.equal(hex(await client.retrieveProtectAndProcessKey(dataUnitId)), hex(key));
    const used = cluster.kma(1).calls.slice(-3);
    const suffix = form === 'wrapped' ? '2' : '';
    assert.deepEqual(used, [
      `CreateKey${suffix}`,
      `RetrieveKey${suffix}`,
      `RetrieveProtectAndProcessKey${suffix}`,
    ]);
  });
}

test('lists the keys of a data unit over several pages, each once', async (t) => {
  const client = await enrolledClient(t, cluster);
  const { dataUnitId } = await client.createDataUnit();
  const made = Array.from({ length: 70 }, () => cluster.createKey(dataUnitId, '').keyId);
  const before = cluster.kma(1).callsOf('RetrieveDataUnitKeys2');
  const listed = await idsOf(client.retrieveDataUnitKeys(dataUnitId));
  assert.deepEqual(listed, made);
  assert.equal(cluster.kma(1).callsOf('RetrieveDataUnitKeys2') - before, 3);
  const empty = await client.createDataUnit();
  assert.deepEqual(await idsOf(client.retrieveDataUnitKeys(empty.dataUnitId)), []);
});

test('lists key groups and writes audit messages', async (t) => {
  const client = await enrolledClient(t, cluster);
  const groups = await client.listKeyGroups();
  assert.deepEqual(
    groups.map(({ keyGroupId, description }) => [keyGroupId, description]),
    [
      ['DefaultGroup', 'default'],
      ['Gruppe-Ä', 'second & more'],
    ],
  );
  await client.createAuditLog('done <&> "well"', {
    retention: 'short',
    condition: 'warning',
    issueAlert: true,
  });
  assert.equal(cluster.auditMessages.at(-1), 'done <&> "well"');
});

test('names a wrong argument without asking a KMA', async (t) => {
  const client = await enrolledClient(t, cluster);
  const before = cluster.kma(1).calls.length;
  const wrong: (() => Promise<unknown>)[] = [
    () => client.retrieveKey('abc'),
    () => client.retrieveDataUnit('24'),
    () => client.createDataUnit({ externalUniqueId: 'ABC' }),
    () => client.createDataUnit({ externalUniqueId: 'AB'.repeat(33) }),
    () => client.createDataUnit({ externalTag: 'ä'.repeat(33) }),
    () => client.retrieveDataUnitByExternalUniqueId(''),
    () => client.createAuditLog(''),
    () => client.retrieveDataUnitKeys('24072F2D9892BE582A1E7FB320BA76F6', 33).next(),
  ];
  for (const call of wrong)
    await assert.rejects(
      call,
      (error) => error instanceof AgentError && error.kind === 'usage',
      String(call),
    );
  assert.equal(cluster.kma(1).calls.length, before);
});

test('registers a key-wrapping key once, for many calls at a time', async (t) => {
  const client = await enrolledClient(t, cluster, { keepAlive: true });
  const before = cluster.kma(1).callsOf('RegisterAgentKWK');
  await Promise.all(Array.from({ length: 10 }, () => client.createKey()));
  assert.equal(cluster.kma(1).callsOf('RegisterAgentKWK') - before, 1);
});

test('registers again when the KMA has forgotten its key-wrapping key, and repeats the call', async (t) => {
  const client = await enrolledClient(t, cluster);
  const key = await client.createKey();
  cluster.kma(1).kwks.clear();
  assert.equal(hex(await client.retrieveKey(key.keyId)), hex(key));
});

test('registers at most 3 times at a KMA that never keeps a key-wrapping key', async (t) => {
  const client = await enrolledClient(t, cluster, { settings: { failoverLimit: 0 } });
  cluster.kma(1).forgetsKwks = true;
  t.after(() => {
    cluster.kma(1).forgetsKwks = false;
  });
  const before = cluster.kma(1).callsOf('RegisterAgentKWK');
  await assert.rejects(client.createKey(), KmsUnavailableError);
  assert.equal(cluster.kma(1).callsOf('RegisterAgentKWK') - before, 3);
});

test('asks for the cluster at first and after the discovery frequency, not in between', async (t) => {
  let nowMs = 0;
  const client = await enrolledClient(t, cluster, { now: () => nowMs });
  const count = () => cluster.kma(1).callsOf('DiscoverCluster');
  const before = count();
  await client.listKeyGroups();
  nowMs = 10_000;
  await client.listKeyGroups();
  assert.equal(count() - before, 1);
  nowMs = 10_001;
  await Promise.all([client.listKeyGroups(), client.listKeyGroups()]);
  assert.equal(count() - before, 2);
});

test('never asks for the cluster when the discovery frequency is 0', async (t) => {
  const client = await enrolledClient(t, cluster, plain);
  const before = cluster.kma(1).callsOf('DiscoverCluster');
  await client.createKey();
  assert.equal(cluster.kma(1).callsOf('DiscoverCluster'), before);
});

test('passes on a refusal with its number', async (t) => {
  const client = await enrolledClient(t, cluster);
  cluster.kma(1).fault = new TestFault(1000, 'Access denied');
  t.after(() => {
    cluster.kma(1).fault = null;
  });
  await assert.rejects(
    client.listKeyGroups(),
    (error) => error instanceof SoapFault && error.number === 1000,
  );
});

test('shows no key when a key is printed', async (t) => {
  const client = await enrolledClient(t, cluster);
  const key = await client.createKey();
  const printed = `${inspect(key, { depth: 9, showHidden: true })} ${JSON.stringify(key)}`.toLowerCase();
  assert.ok(!printed.includes(hex(key)));
});

test('opens an agent from its directory', async (t) => {
  const { directory } = await enrolledProfile(t, cluster);
  using client = await KmaClient.open(directory);
  assert.equal(client.agentId, 'agent1');
  const { siteId, members } = await client.discover();
  assert.equal(siteId, 'SiteA');
  assert.deepEqual(
    members.map(({ kmaName }) => kmaName),
    ['KMA1'],
  );
});
