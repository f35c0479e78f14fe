/** An agent that is enrolled with a test cluster without the exchange, for tests of what comes after it. */
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type ClientOptions, KmaClient } from '../src/client.ts';
import { DEFAULT_SETTINGS, type Profile, stageProfile } from '../src/profile.ts';
import { temporaryDirectory } from './temporary-directory.ts';
import type { TestCluster } from './test-cluster.ts';

export async function enrolledProfile(t: Pick<TestContext, 'after'>, cluster: TestCluster): Promise<Profile> {
  const directory = join(await temporaryDirectory(t), 'profile');
  const { agentId, ports, authority, agent } = cluster;
  const { address } = cluster.kma(1);
  const staged = await stageProfile(directory);
  return await staged.save(
    { agentId, address, ports, settings: DEFAULT_SETTINGS },
    { caPem: authority.certificatePem, ...agent },
  );
}

/** Draws the first candidate, unless a test says otherwise. */
export async function enrolledClient(
  t: Pick<TestContext, 'after'>,
  cluster: TestCluster,
  options: ClientOptions = {},
): Promise<KmaClient> {
  const client = new KmaClient(await enrolledProfile(t, cluster), { random: () => 0, ...options });
  t.after(() => client.close());
  return client;
}
