/** Several KMAs, some of which never answer, are locked, broken or gone (protocol 10). */
import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { SoapFault } from '@openkma/protocol';
import { enrolledClient, enrolledProfile } from '../test/enrolled-agent.ts';
import { TestCluster, TestFault } from '../test/test-cluster.ts';
import { KmaClient } from './client.ts';
import { answerText, KmsUnavailableError } from './errors.ts';

let cluster: TestCluster;
beforeEach(async () => {
  cluster = await TestCluster.start(3);
});
afterEach(() => cluster.stop());

/** The three KMAs' counts of a call. */
const counts = (name: 'ListKeyGroups' | 'DiscoverCluster' | 'CreateDataUnit' | 'RetrieveDataUnit') =>
  cluster.kmas.map((kma) => kma.callsOf(name));

const brief = { settings: { timeoutMs: 1_500 } };

test('goes on to the next KMA when one never answers', async (t) => {
  const client = await enrolledClient(t, cluster, brief);
  await client.discover();
  cluster.kma(1).behaviour = 'silence';
  assert.equal((await client.listKeyGroups()).length, 2);
  assert.deepEqual(counts('ListKeyGroups'), [1, 1, 0]);
});

test('leaves out the failed KMA until the next discovery', async (t) => {
  let nowMs = 0;
  const client = await enrolledClient(t, cluster, { now: () => nowMs });
  await client.discover();
  cluster.kma(1).fault = new TestFault(1018, 'Locked');
  for (let call = 0; call < 3; call++) await client.listKeyGroups();
  assert.deepEqual(counts('ListKeyGroups'), [1, 3, 0]);
  cluster.kma(1).fault = null;
  nowMs = 60_000;
  await client.listKeyGroups();
  assert.deepEqual(counts('ListKeyGroups'), [2, 3, 0]);
});

for (const [number, text] of [
  [1001, 'Busy'],
  [1018, 'Locked'],
  [1021, 'No ready keys'],
  [1080, 'Locked'],
  [1148, 'No HSM'],
  [1149, 'Internal'],
] as const)
  test(`goes on to the next KMA after fault ${number}`, async (t) => {
    const client = await enrolledClient(t, cluster);
    cluster.kma(1).fault = new TestFault(number, text);
    await client.listKeyGroups();
    assert.deepEqual(counts('ListKeyGroups'), [1, 1, 0]);
  });

test('goes on after an unexpected failure and a broken connection', async (t) => {
  const client = await enrolledClient(t, cluster);
  await client.discover();
  cluster.kma(1).fault = new TestFault(undefined, '');
  cluster.kma(2).behaviour = 'hang-up';
  await client.listKeyGroups();
  assert.deepEqual(counts('ListKeyGroups'), [1, 1, 1]);
});

test('goes on when a KMA is gone', async (t) => {
  const client = await enrolledClient(t, cluster);
  await client.discover();
  await cluster.kma(1).close();
  await client.listKeyGroups();
  assert.deepEqual(counts('ListKeyGroups'), [0, 1, 0]);
});

test('does not ask another KMA after a refusal', async (t) => {
  const client = await enrolledClient(t, cluster);
  cluster.kma(1).fault = new TestFault(1000, 'Access denied');
  await assert.rejects(
    client.listKeyGroups(),
    (error) => error instanceof SoapFault && error.number === 1000,
  );
  assert.deepEqual(counts('ListKeyGroups'), [1, 0, 0]);
});

const isExisting = (error: unknown) => error instanceof SoapFault && error.number === 1015;
const isUnknownUnit = (error: unknown) => error instanceof SoapFault && error.number === 1020;

test('what one KMA does not know the others are asked for', async (t) => {
  const client = await enrolledClient(t, cluster);
  const { dataUnitId } = cluster.createUnit('', 'tag', '');
  cluster.kma(1).fault = new TestFault(1020, 'Data unit not found');
  assert.equal((await client.retrieveDataUnit(dataUnitId)).externalTag, 'tag');
  assert.deepEqual(counts('RetrieveDataUnit'), [1, 1, 0]);
});

test('what no KMA knows is not found, and each is asked once', async (t) => {
  const client = await enrolledClient(t, cluster);
  cluster.kma(2).fault = new TestFault(1018, 'Locked');
  await assert.rejects(client.retrieveDataUnit('0'.repeat(32)), isUnknownUnit);
  assert.deepEqual(counts('RetrieveDataUnit'), [1, 1, 1]);
});

test('what may be known to a KMA that is away is waited for', async (t) => {
  const client = await enrolledClient(t, cluster);
  const { dataUnitId } = await client.createDataUnit();
  cluster.kma(1).behaviour = 'hang-up';
  for (const number of [2, 3]) cluster.kma(number).fault = new TestFault(1020, 'Data unit not found');
  cluster.kma(3).onCall = () => {
    cluster.kma(1).behaviour = 'serve';
  };
  assert.equal((await client.retrieveDataUnit(dataUnitId)).dataUnitId, dataUnitId);
});

test('a KMA that stays away is waited for as long as one call may take', async (t) => {
  const client = await enrolledClient(t, cluster, brief);
  await client.discover();
  cluster.kma(3).behaviour = 'hang-up';
  await assert.rejects(client.retrieveDataUnit('0'.repeat(32)), isUnknownUnit);
  assert.deepEqual(counts('RetrieveDataUnit').slice(0, 2), [1, 1]);
});

test('what one that is busy cannot know yet is waited for, however many attempts were made', async (t) => {
  const client = await enrolledClient(t, cluster);
  const { dataUnitId } = await client.createDataUnit();
  cluster.kma(1).behaviour = 'hang-up';
  for (const number of [2, 3]) cluster.kma(number).fault = new TestFault(1001, 'Server busy');
  let calls = 0;
  cluster.kma(3).onCall = () => {
    if (++calls === 4) cluster.kma(1).behaviour = 'serve';
  };
  assert.equal((await client.retrieveDataUnit(dataUnitId)).dataUnitId, dataUnitId);
  assert.ok(calls >= 4);
});

test('one that comes back in the last seconds is in time', async (t) => {
  let nowMs = 0;
  const client = await enrolledClient(t, cluster, { now: () => nowMs });
  const { dataUnitId } = await client.createDataUnit();
  for (const number of [2, 3]) cluster.kma(number).fault = new TestFault(1020, 'Data unit not found');
  cluster.kma(1).behaviour = 'hang-up';
  cluster.kma(1).onCall = () => {
    nowMs += 700;
    if (nowMs >= 8_000) cluster.kma(1).behaviour = 'serve';
  };
  assert.equal((await client.retrieveDataUnit(dataUnitId)).dataUnitId, dataUnitId);
});

test('a KMA that is away is waited for from when others, which were busy before, say that they do not know it', async (t) => {
  let nowMs = 0;
  const client = await enrolledClient(t, cluster, { now: () => nowMs });
  const { dataUnitId } = await client.createDataUnit();
  for (const number of [2, 3]) cluster.kma(number).fault = new TestFault(1001, 'Server busy');
  cluster.kma(1).behaviour = 'hang-up';
  cluster.kma(1).onCall = () => {
    nowMs += 2_000;
    if (nowMs < 14_000) return;
    for (const number of [2, 3]) cluster.kma(number).fault = new TestFault(1020, 'Data unit not found');
    if (nowMs >= 22_000) cluster.kma(1).behaviour = 'serve';
  };
  assert.equal((await client.retrieveDataUnit(dataUnitId)).dataUnitId, dataUnitId);
});

test('what is made and not answered is asked for no more often than attempts may be made', async (t) => {
  const client = await enrolledClient(t, cluster, brief);
  const { dataUnitId } = await client.createDataUnit();
  await client.createKey({ dataUnitId });
  cluster.kma(1).behaviour = 'serve-and-hang-up';
  for (const number of [2, 3]) cluster.kma(number).fault = new TestFault(1001, 'Server busy');
  const made = () => cluster.kma(1).callsOf('CreateKey2') + cluster.kma(1).callsOf('CreateKey');
  const before = made();
  await assert.rejects(client.createKey({ dataUnitId }), KmsUnavailableError);
  // Two of the four attempts, and as often again while it waits.
  assert.ok(made() - before > 2 && made() - before <= 2 + 4, String(made() - before));
});

test('one that hangs does not keep the others from being asked again', async (t) => {
  const client = await enrolledClient(t, cluster, { settings: { timeoutMs: 6_000 } });
  const { dataUnitId } = await client.createDataUnit();
  cluster.kma(1).behaviour = 'hang-up';
  cluster.kma(2).fault = new TestFault(1020, 'Data unit not found');
  cluster.kma(3).behaviour = 'silence';
  let calls = 0;
  cluster.kma(1).onCall = () => {
    if (++calls === 3) cluster.kma(1).behaviour = 'serve';
  };
  assert.equal((await client.retrieveDataUnit(dataUnitId)).dataUnitId, dataUnitId);
});

test('one that stays busy ends the call as unavailable, or as not found where another one says so', async (t) => {
  const client = await enrolledClient(t, cluster, brief);
  await client.discover();
  for (const kma of cluster.kmas) kma.fault = new TestFault(1001, 'Server busy');
  const asked = () => client.retrieveDataUnit('0'.repeat(32));
  await assert.rejects(asked, KmsUnavailableError);
  cluster.kma(2).fault = new TestFault(1020, 'Data unit not found');
  await assert.rejects(asked, isUnknownUnit);
});

test('an agent that never goes on to another KMA believes the first', async (t) => {
  const client = await enrolledClient(t, cluster, { settings: { failoverLimit: 0 } });
  await assert.rejects(client.retrieveDataUnit('0'.repeat(32)), isUnknownUnit);
  assert.deepEqual(counts('RetrieveDataUnit'), [1, 0, 0]);
});

test('a data unit that was created without an answer is the one that was asked for', async (t) => {
  const client = await enrolledClient(t, cluster);
  await client.discover();
  cluster.kma(1).behaviour = 'serve-and-hang-up';
  const unit = { externalUniqueId: '4E455731', externalTag: 'VOL001' };
  const { dataUnitId } = await client.createDataUnit(unit);
  assert.deepEqual([...cluster.units.keys()], [dataUnitId]);
});

test('one that another has created is refused, whether all attempts were answered or not', async (t) => {
  const client = await enrolledClient(t, cluster);
  const unit = { externalUniqueId: '4E455731', externalTag: 'VOL001' };
  cluster.createUnit(unit.externalUniqueId, unit.externalTag, '');
  await assert.rejects(client.createDataUnit(unit), isExisting);
  cluster.kma(1).behaviour = 'hang-up';
  await assert.rejects(client.createDataUnit({ ...unit, externalTag: 'VOL002' }), isExisting);
  assert.deepEqual(counts('CreateDataUnit'), [2, 1, 0]);
});

for (const [failoverLimit, expected] of [
  [0, [1, 0, 0]],
  [1, [1, 1, 0]],
  [2, [1, 1, 1]],
  [4, [2, 2, 1]],
] as const)
  test(`makes ${failoverLimit + 1} attempts with failover limit ${failoverLimit}`, async (t) => {
    const client = await enrolledClient(t, cluster, { settings: { failoverLimit } });
    await client.discover();
    for (const kma of cluster.kmas) kma.fault = new TestFault(1018, 'Locked');
    await assert.rejects(
      client.listKeyGroups(),
      (error) => error instanceof KmsUnavailableError && error.attempts === failoverLimit + 1,
    );
    assert.deepEqual(counts('ListKeyGroups'), expected);
  });

test('with no limit goes on until a KMA comes back', async (t) => {
  const client = await enrolledClient(t, cluster, { settings: { failoverLimit: -1 } });
  for (const kma of cluster.kmas) kma.fault = new TestFault(1018, 'Locked');
  setTimeout(() => {
    cluster.kma(2).fault = null;
  }, 100);
  assert.equal((await client.listKeyGroups()).length, 2);
});

test('leaves out KMAs that are announced as locked, disabled or not responding', async (t) => {
  const client = await enrolledClient(t, cluster);
  const { member: one } = cluster.kma(1);
  const { member: two } = cluster.kma(2);
  cluster.kma(1).member = { ...one, locked: true };
  cluster.kma(2).member = { ...two, responding: false };
  await client.listKeyGroups();
  cluster.kma(2).member = { ...two, enabled: false };
  await client.discover();
  await client.listKeyGroups();
  assert.deepEqual(counts('ListKeyGroups'), [0, 0, 2]);
});

test('prefers its own site and the smaller load', async (t) => {
  const client = await enrolledClient(t, cluster);
  cluster.kma(1).member = { ...cluster.kma(1).member, kmaSiteId: 'SiteB' };
  cluster.kma(2).member = { ...cluster.kma(2).member, load: 9 };
  await client.listKeyGroups();
  assert.deepEqual(counts('ListKeyGroups'), [0, 0, 1]);
});

test('asks the KMA that created a data unit, whatever is drawn', async (t) => {
  let drawn = 0.4;
  const client = await enrolledClient(t, cluster, { random: () => drawn });
  const { dataUnitId } = await client.createDataUnit();
  assert.deepEqual(counts('CreateDataUnit'), [0, 1, 0]);
  drawn = 0.9;
  await client.retrieveDataUnit(dataUnitId);
  assert.deepEqual(counts('RetrieveDataUnit'), [0, 1, 0]);
});

test('discovers through another member when the start address is gone, and begins there next time', async (t) => {
  const profile = await enrolledProfile(t, cluster);
  const first = new KmaClient(profile);
  await first.discover();
  first.close();
  await cluster.kma(1).close();
  const second = new KmaClient(profile);
  const { startAddress } = await second.discover();
  second.close();
  assert.equal(startAddress, cluster.kma(2).address);
  const before = counts('DiscoverCluster');
  const third = new KmaClient(profile);
  await third.discover();
  third.close();
  assert.deepEqual(
    counts('DiscoverCluster').map((count, i) => count - (before[i] ?? 0)),
    [0, 1, 0],
  );
});

test('uses what it last knew when no KMA answers discovery', async (t) => {
  const profile = await enrolledProfile(t, cluster);
  using first = new KmaClient(profile);
  await first.discover();
  for (const kma of cluster.kmas) kma.behaviour = 'hang-up';
  using second = new KmaClient(profile, { random: () => 0 });
  cluster.kma(3).behaviour = 'serve';
  assert.equal((await second.listKeyGroups()).length, 2);
});

test('a list that nobody has confirmed is given as such only', async (t) => {
  const profile = await enrolledProfile(t, cluster);
  using client = new KmaClient(profile);
  assert.equal(await client.lastKnownCluster(), null);
  const { members } = await client.discover();
  for (const kma of cluster.kmas) kma.behaviour = 'hang-up';
  using second = new KmaClient(profile);
  for (const asking of [client, second]) {
    await assert.rejects(
      asking.discover(),
      (error) =>
        error instanceof KmsUnavailableError &&
        error.attempts === 3 &&
        error.answers.map(({ address }) => address).join() === '127.0.0.1,127.0.0.2,127.0.0.3',
    );
    const known = await asking.lastKnownCluster();
    assert.deepEqual(
      known?.members.map(({ kmaName }) => kmaName),
      members.map(({ kmaName }) => kmaName),
    );
    for (const member of known?.members ?? []) assert.ok(!('responding' in member) && !('load' in member));
  }
});

test('names what each KMA said last', async (t) => {
  const client = await enrolledClient(t, cluster);
  cluster.kma(1).fault = new TestFault(1018, 'Locked');
  cluster.kma(2).fault = new TestFault(1021, 'No ready keys');
  await client.discover();
  cluster.kma(3).behaviour = 'hang-up';
  await assert.rejects(client.createAuditLog('loaded'), (error) => {
    assert.ok(error instanceof KmsUnavailableError);
    const [one, two, three] = error.answers.map(answerText);
    assert.deepEqual([one, two], ['127.0.0.1: 1018 Locked', '127.0.0.2: 1021 No ready keys']);
    assert.match(three ?? '', /^127\.0\.0\.3:\d+: socket hang up$/);
    assert.match(error.message, /: 127\.0\.0\.1: 1018 Locked; 127\.0\.0\.2: 1021 No ready keys; /);
    return true;
  });
});

test('is unavailable when no KMA answers and none is known', async (t) => {
  const client = await enrolledClient(t, cluster);
  await cluster.stop();
  await assert.rejects(client.listKeyGroups(), KmsUnavailableError);
});

test('forgets a cluster to which its given address does not belong', async (t) => {
  const profile = await enrolledProfile(t, cluster);
  using first = new KmaClient(profile);
  await first.discover();
  using moved = new KmaClient({ ...profile, address: 'localhost' }, brief);
  for (const kma of cluster.kmas) kma.behaviour = 'hang-up';
  await assert.rejects(moved.discover(), KmsUnavailableError);
});

test('rewrites its cluster file only when names, sites, addresses or switches change', async (t) => {
  const profile = await enrolledProfile(t, cluster);
  using client = new KmaClient(profile);
  const path = join(profile.directory, 'cluster.json');
  await client.discover();
  const { ino, mode } = await stat(path);
  assert.equal(mode & 0o777, 0o600);
  cluster.kma(1).member = { ...cluster.kma(1).member, load: 50, responding: false };
  await client.discover();
  assert.equal((await stat(path)).ino, ino);
  cluster.kma(1).member = { ...cluster.kma(1).member, kmaSiteId: 'SiteC' };
  await client.discover();
  assert.match(await readFile(path, 'utf8'), /SiteC/);
});
