/** Several KMAs, some of which hang: they take a connection or a call, and say nothing (protocol 10). */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { SoapFault } from '@openkma/protocol';
import { enrolledClient } from '../test/enrolled-agent.ts';
import { TestCluster, TestFault } from '../test/test-cluster.ts';
import { OVERLAP_MS } from './running-attempts.ts';

let cluster: TestCluster;
beforeEach(async () => {
  cluster = await TestCluster.start(3);
});
afterEach(() => cluster.stop());

/** The three KMAs' counts of a call. */
const wrappedCounts = (name: 'RetrieveKey2' | 'CreateKey2') => cluster.kmas.map((kma) => kma.callsOf(name));
const counts = (name: 'ListKeyGroups' | 'DiscoverCluster' | 'CreateDataUnit' | 'RetrieveDataUnit') =>
  cluster.kmas.map((kma) => kma.callsOf(name));
const auditCounts = () => cluster.kmas.map((kma) => kma.callsOf('CreateAuditLog'));

const isExisting = (error: unknown) => error instanceof SoapFault && error.number === 1015;
const isUnknownUnit = (error: unknown) => error instanceof SoapFault && error.number === 1020;

/** Of which a single one would take longer than the test may. */
const PATIENT = { settings: { timeoutMs: 600_000 } };
const IN_TIME = { timeout: 60_000 };

test(
  'a key is retrieved from the next KMA where one says nothing for a while, which is left out then',
  IN_TIME,
  async (t) => {
    const client = await enrolledClient(t, cluster, PATIENT);
    const { keyId } = await client.createKey();
    cluster.kma(1).behaviour = 'silence';
    assert.equal((await client.retrieveKey(keyId)).keyId, keyId);
    assert.equal((await client.retrieveKey(keyId)).keyId, keyId);
    assert.deepEqual(wrappedCounts('RetrieveKey2'), [1, 2, 0]);
  },
);

test('not more KMAs are asked than the limit says, however slow they are', IN_TIME, async (t) => {
  const settings = { ...PATIENT.settings, failoverLimit: 1 };
  const client = await enrolledClient(t, cluster, { settings });
  const { dataUnitId } = cluster.createUnit('', 'tag', '');
  await client.discover();
  const { promise, resolve } = Promise.withResolvers<void>();
  for (const kma of cluster.kmas) kma.stoppedUntil = promise;
  setTimeout(resolve, 3 * OVERLAP_MS);
  assert.equal((await client.retrieveDataUnit(dataUnitId)).externalTag, 'tag');
  assert.deepEqual(counts('RetrieveDataUnit'), [1, 1, 0]);
});

test('a key is made at the next KMA where one has the call and says nothing', IN_TIME, async (t) => {
  const client = await enrolledClient(t, cluster, PATIENT);
  await client.createKey();
  cluster.kma(1).behaviour = 'serve-in-silence';
  const { keyId } = await client.createKey();
  assert.equal(cluster.keys.at(-1)?.key.keyId, keyId);
  await client.createKey();
  assert.deepEqual([wrappedCounts('CreateKey2'), cluster.keys.length], [[2, 2, 0], 4], 'one is spare');
});

test('a call that would leave something over is at two KMAs at most', IN_TIME, async (t) => {
  const client = await enrolledClient(t, cluster, PATIENT);
  await client.discover();
  const { promise, resolve } = Promise.withResolvers<void>();
  for (const kma of cluster.kmas) kma.stoppedUntil = promise;
  setTimeout(resolve, 3.5 * OVERLAP_MS);
  await client.createDataUnit();
  assert.deepEqual(counts('CreateDataUnit'), [1, 1, 0]);
});

test('a data unit that a silent KMA has created is the one that was asked for', IN_TIME, async (t) => {
  const client = await enrolledClient(t, cluster, PATIENT);
  await client.discover();
  cluster.kma(1).behaviour = 'serve-in-silence';
  const unit = { externalUniqueId: '4E455731', externalTag: 'VOL001' };
  const { dataUnitId } = await client.createDataUnit(unit);
  assert.deepEqual([...cluster.units.keys()], [dataUnitId]);
  assert.deepEqual(counts('CreateDataUnit'), [1, 1, 0]);
});

test('one that another has created is not, where no KMA was silent that has the call', IN_TIME, async (t) => {
  const client = await enrolledClient(t, cluster, PATIENT);
  await client.discover();
  const unit = { externalUniqueId: '4E455731', externalTag: 'VOL001' };
  cluster.createUnit(unit.externalUniqueId, unit.externalTag, '');
  cluster.kma(1).hungUntil = new Promise(() => undefined);
  await assert.rejects(client.createDataUnit(unit), isExisting);
});

test('a call that would be done twice is at one KMA alone once it has been sent', IN_TIME, async (t) => {
  const client = await enrolledClient(t, cluster, PATIENT);
  await client.discover();
  const { promise, resolve } = Promise.withResolvers<void>();
  cluster.kma(1).stoppedUntil = promise;
  setTimeout(resolve, 2.5 * OVERLAP_MS);
  await client.createAuditLog('loaded');
  assert.deepEqual([auditCounts(), cluster.auditMessages], [[1, 0, 0], ['loaded']]);
});

test('a call that never got to a KMA that hangs is at the next alone', IN_TIME, async (t) => {
  const client = await enrolledClient(t, cluster, PATIENT);
  await client.discover();
  const hung = [1, 2].map((number) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    cluster.kma(number).hungUntil = promise;
    return resolve;
  });
  await client.createAuditLog('loaded');
  for (const goOn of hung) goOn();
  for (let asked = 0; asked < 5; asked++) await client.discover();
  assert.deepEqual([auditCounts(), cluster.auditMessages], [[0, 0, 1], ['loaded']]);
});

test('where all are slow to take a connection the first that does has the call', IN_TIME, async (t) => {
  const client = await enrolledClient(t, cluster, PATIENT);
  await client.discover();
  for (const kma of cluster.kmas)
    kma.hungUntil = new Promise((resolve) => setTimeout(resolve, 1.5 * OVERLAP_MS));
  await client.createAuditLog('loaded');
  assert.deepEqual(cluster.auditMessages, ['loaded']);
  assert.equal(
    auditCounts().reduce((sum, count) => sum + count),
    1,
  );
});

test('where one KMA does not know a key, those that say nothing keep nobody waiting', IN_TIME, async (t) => {
  const client = await enrolledClient(t, cluster, PATIENT);
  const { dataUnitId } = cluster.createUnit('', 'tag', '');
  cluster.kma(1).fault = new TestFault(1020, 'Data unit not found');
  cluster.kma(2).behaviour = 'silence';
  assert.equal((await client.retrieveDataUnit(dataUnitId)).externalTag, 'tag');
  assert.deepEqual(counts('RetrieveDataUnit'), [1, 1, 1]);
});

test(
  'what no KMA knows is not found within the time of one call, though some say nothing',
  IN_TIME,
  async (t) => {
    const client = await enrolledClient(t, cluster, { settings: { timeoutMs: 4_000 } });
    await client.discover();
    for (const number of [2, 3]) cluster.kma(number).behaviour = 'silence';
    const beganMs = performance.now();
    await assert.rejects(client.retrieveDataUnit('0'.repeat(32)), isUnknownUnit);
    assert.ok(performance.now() - beganMs < 7_500, 'and not twice the time, one after the other');
    assert.deepEqual(counts('RetrieveDataUnit'), [1, 1, 1]);
  },
);

test('discovery goes on to the next address where one says nothing for a while', IN_TIME, async (t) => {
  const client = await enrolledClient(t, cluster, PATIENT);
  await client.discover();
  cluster.kma(1).behaviour = 'silence';
  const { startAddress } = await client.discover();
  assert.equal(startAddress, cluster.kma(2).address);
  assert.deepEqual(counts('DiscoverCluster'), [2, 1, 0]);
});

test('a KMA that says nothing to discovery is not asked first, until it answers', IN_TIME, async (t) => {
  const client = await enrolledClient(t, cluster, PATIENT);
  await client.discover();
  const { promise, resolve } = Promise.withResolvers<void>();
  for (const number of [1, 2]) cluster.kma(number).stoppedUntil = promise;
  await client.discover();
  await client.listKeyGroups();
  assert.deepEqual(
    [counts('DiscoverCluster'), counts('ListKeyGroups')],
    [
      [2, 1, 1],
      [0, 0, 1],
    ],
  );
  resolve();
  for (let asked = 0; asked < 200 && counts('ListKeyGroups')[0] === 0; asked++) {
    await client.listKeyGroups();
    await new Promise((done) => setTimeout(done, 20));
  }
  assert.equal(counts('ListKeyGroups')[0], 1);
});

test('a KMA that answered late is asked again', IN_TIME, async (t) => {
  const client = await enrolledClient(t, cluster, PATIENT);
  await client.discover();
  const { promise, resolve } = Promise.withResolvers<void>();
  cluster.kma(1).stoppedUntil = promise;
  for (let asked = 0; asked < 2; asked++) await client.listKeyGroups();
  assert.deepEqual(counts('ListKeyGroups'), [1, 2, 0]);
  resolve();
  for (let asked = 0; asked < 200 && counts('ListKeyGroups')[0] === 1; asked++) {
    await client.listKeyGroups();
    await new Promise((done) => setTimeout(done, 20));
  }
  assert.equal(counts('ListKeyGroups')[0], 2);
});
