/** One passphrase spent at two KMAs that could not reach each other: both certificates count, people are told, and the one that they revoke counts nowhere any more. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { enroll, KmaClient } from '@openkma/agent';
import { type ClusterKma, TestCluster } from './support/cluster.ts';
import { AGENT_PASSPHRASE, COMPLIANCE, OPERATOR, QUORUM } from './support/kma.ts';
import { until } from './support/until.ts';

const LONG_MS = 60_000;
const cluster = new TestCluster(26_400);
after(() => cluster[Symbol.asyncDispose]());
const a = await cluster.first('kma-a', '127.0.3.61');
for (const [{ name: user, passphrase }, role] of [
  [COMPLIANCE, 'COMPLIANCE_OFFICER'],
  [OPERATOR, 'OPERATOR'],
] as const)
  await a.ask('CreateUser', { user, passphrase, roles: [role] }, QUORUM);
await a.ask('CreateAgent', { agent: 'drive', passphrase: AGENT_PASSPHRASE }, [], OPERATOR);
const b = await cluster.joined(a, 'kma-b', '127.0.3.62');

/** With a profile of its own, at this KMA and no other. */
async function enrolledAt({ name, host, ports }: ClusterKma): Promise<KmaClient> {
  const directory = join(cluster.folder, `drive-${name}`);
  const { ca, certificate, agent, discovery } = ports;
  await enroll({
    directory,
    agentId: 'drive',
    address: host,
    passphrase: Buffer.from(AGENT_PASSPHRASE),
    ports: { ca, certificate, agent, discovery },
  });
  return KmaClient.open(directory, { settings: { failoverLimit: 0, discoveryFrequencyMs: 0 } });
}

interface Conflict {
  readonly kind: string;
  readonly why: string;
  readonly kept: string;
  readonly other: string;
  readonly takeOther: string;
  readonly takeOperation: string;
  readonly takeInput: string;
}
interface Certificate {
  readonly fingerprint: string;
  readonly state: string;
  readonly issuedBy: string;
}
const rowsAt = async <T>(kma: ClusterKma, operation: string, input: object = {}) =>
  (await kma.ask<{ rows: readonly T[] }>(operation, input, [], OPERATOR)).rows;
const certificatesAt = (kma: ClusterKma) =>
  rowsAt<Certificate>(kma, 'ListAgentCertificates', { agent: 'drive' });
const statesAt = async (kma: ClusterKma) =>
  Object.fromEntries((await certificatesAt(kma)).map(({ issuedBy, state }) => [issuedBy, state]));

const isMember = async (kma: ClusterKma) =>
  (await kma.ask<{ cluster: string }>('ShowStatus', {})).cluster === 'member';

let atA: KmaClient;
let atB: KmaClient;

test('the passphrase is spent at one KMA while the other is away, and at that one after it', async () => {
  await until('the second has caught up', () => isMember(b), LONG_MS);
  assert.equal((await rowsAt(b, 'ListAgents')).length, 1);
  await b.stop();
  atA = await enrolledAt(a);
  await a.stop();
  await b.serve();
  // What is held back after a start, until others are heard or some seconds are over, is held back no more then.
  await b.ask('ListSites', {});
  atB = await enrolledAt(b);
  await a.serve();
});

test('both certificates count, each KMA lists both, and people are told', async () => {
  for (const kma of [a, b])
    await until(
      `both certificates at ${kma.name}`,
      async () => (await certificatesAt(kma)).length === 2,
      LONG_MS,
    );
  assert.deepEqual(await statesAt(a), { 'kma-a': 'good', 'kma-b': 'good' });
  for (const client of [atA, atB]) assert.deepEqual(await client.listKeyGroups(), []);
  const [found] = await until(
    'the conflict is found',
    async () => {
      const rows = await rowsAt<Conflict>(a, 'ListConflicts');
      return rows.length > 0 ? rows : null;
    },
    LONG_MS,
  );
  const fingerprints = Object.fromEntries(
    (await certificatesAt(a)).map(({ issuedBy, fingerprint }) => [issuedBy, fingerprint]),
  );
  assert.deepEqual(found, {
    ...found,
    kind: 'passphrase spent twice',
    why: 'both certificates count until one is revoked',
    kept: fingerprints['kma-b'],
    other: fingerprints['kma-a'],
    takeOther: `okm agent revoke-certificate ${fingerprints['kma-b']}`,
  });
});

test('the command beside it revokes the later one at both KMAs, at once where it is given; the earlier goes on', async () => {
  const [found] = await rowsAt<Conflict>(a, 'ListConflicts');
  assert.ok(found !== undefined);
  await a.ask(found.takeOperation, JSON.parse(found.takeInput), [], OPERATOR);
  assert.deepEqual(await statesAt(a), { 'kma-a': 'good', 'kma-b': 'revoked' });
  await until(
    'it is revoked at the other KMA',
    async () => (await statesAt(b))['kma-b'] === 'revoked',
    LONG_MS,
  );
  for (const kma of [a, b]) assert.deepEqual(await rowsAt(kma, 'ListConflicts'), [], 'it is none any more');
  await assert.rejects(atB.listKeyGroups(), /1000 Access denied/);
  assert.deepEqual(await atA.listKeyGroups(), []);
  atA.close();
  atB.close();
});
