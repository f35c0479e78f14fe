/** After a restore at the address of the enrolment, which was in the list of KMAs no more: found there, but only where no KMA of the list can be reached. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { enrolledProfile } from '../test/enrolled-agent.ts';
import { TestAuthority } from '../test/test-authority.ts';
import { TestCluster, TestFault } from '../test/test-cluster.ts';
import { type ClientOptions, KmaClient } from './client.ts';
import { KmsUnavailableError } from './errors.ts';
import type { Profile } from './profile.ts';

/** An agent that goes on without limit would never fail by itself. */
const IN_TIME = { timeout: 60_000 };
const NOBODY = '127.0.0.9';

let cluster: TestCluster;
beforeEach(async () => {
  cluster = await TestCluster.start(3);
});
afterEach(() => cluster.stop());

const counts = (name: 'CreateAuditLog' | 'DiscoverCluster') => cluster.kmas.map((kma) => kma.callsOf(name));

/** An agent that knows the second and the third KMA, and of the first another address than that where it enrolled. */
async function movedOn(t: Parameters<typeof enrolledProfile>[0]): Promise<Profile> {
  const profile = await enrolledProfile(t, cluster);
  const first = cluster.kma(1);
  first.member = { ...first.member, kmaNetworkAddress: NOBODY };
  using client = new KmaClient(profile);
  await client.discover();
  first.behaviour = 'hang-up';
  assert.equal((await client.discover()).startAddress, cluster.kma(2).address);
  return profile;
}

/** The first KMA serves where the agent enrolled, and says so. */
function restoreTheFirst(): void {
  const first = cluster.kma(1);
  first.member = { ...first.member, kmaNetworkAddress: first.address };
  first.behaviour = 'serve';
}

function loseTheOthers(): void {
  for (const number of [2, 3]) {
    const kma = cluster.kma(number);
    kma.behaviour = 'hang-up';
    kma.member = { ...kma.member, responding: false };
  }
}

const agent = (profile: Profile, options: ClientOptions = {}) =>
  new KmaClient(profile, { random: () => 0, ...options });

test('a KMA that was restored where the agent enrolled serves it, once, and is asked first from then on', async (t) => {
  const profile = await movedOn(t);
  restoreTheFirst();
  loseTheOthers();
  using client = agent(profile);
  await client.createAuditLog('loaded');
  assert.deepEqual([cluster.auditMessages, counts('CreateAuditLog')], [['loaded'], [1, 0, 0]]);
  const before = counts('DiscoverCluster');
  using next = agent(profile);
  const { startAddress, members } = await next.discover();
  assert.deepEqual([startAddress, members[0]?.kmaNetworkAddress], ['127.0.0.1', '127.0.0.1']);
  assert.deepEqual(
    counts('DiscoverCluster').map((count, i) => count - (before[i] ?? 0)),
    [1, 0, 0],
  );
});

test('it is not asked while a KMA of the list answers', async (t) => {
  const profile = await movedOn(t);
  restoreTheFirst();
  const before = counts('DiscoverCluster')[0];
  using client = agent(profile);
  assert.equal((await client.discover()).startAddress, cluster.kma(2).address);
  assert.equal(counts('DiscoverCluster')[0], before);
});

for (const number of [1001, 1018, 1021])
  test(`it is not asked where a KMA of the list refuses with ${number}, which the agent is told`, async (t) => {
    const profile = await movedOn(t);
    restoreTheFirst();
    loseTheOthers();
    Object.assign(cluster.kma(3), { behaviour: 'serve', discoveryFault: new TestFault(number, 'Not now') });
    const before = counts('DiscoverCluster')[0];
    using client = agent(profile);
    await assert.rejects(
      client.discover(),
      (error) =>
        error instanceof KmsUnavailableError &&
        error.message.includes(`127.0.0.3: ${number} Not now`) &&
        !error.message.includes('127.0.0.1:'),
    );
    assert.equal(counts('DiscoverCluster')[0], before);
  });

test('where nobody is there either, each is named, and the call is made nowhere', async (t) => {
  const profile = await movedOn(t);
  loseTheOthers();
  using client = agent(profile);
  await assert.rejects(client.createAuditLog('loaded'), (error) => {
    assert.ok(error instanceof KmsUnavailableError);
    const asked = error.answers.map(({ address }) => address).toSorted();
    assert.deepEqual(asked, ['127.0.0.1', '127.0.0.2', '127.0.0.3', NOBODY]);
    return true;
  });
  assert.deepEqual(cluster.auditMessages, []);
});

test('a KMA under another root CA is not believed there', async (t) => {
  const profile = await movedOn(t);
  restoreTheFirst();
  loseTheOthers();
  const stranger = await TestAuthority.create();
  await cluster.kma(1).returnWith(await stranger.issue('KMA', 'server'));
  using client = agent(profile);
  await assert.rejects(client.createAuditLog('loaded'), KmsUnavailableError);
  assert.deepEqual(cluster.auditMessages, []);
});

test('an agent that goes on without limit finds it while it goes on', IN_TIME, async (t) => {
  const profile = await movedOn(t);
  loseTheOthers();
  let nowMs = 0;
  // Of each two questions for the time one finds that discovery is due.
  const now = () => {
    nowMs += 6_000;
    return nowMs;
  };
  using client = agent(profile, { now, settings: { failoverLimit: -1 } });
  const done = client.createAuditLog('loaded');
  await new Promise((resolve) => setTimeout(resolve, 300));
  restoreTheFirst();
  await done;
  assert.deepEqual([cluster.auditMessages, counts('CreateAuditLog')[0]], [['loaded'], 1]);
});
