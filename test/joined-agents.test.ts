/** A KMA that has joined gives agents nothing before it has caught up, then serves them like any other; one that is kept locked waits for its quorum. */
import assert from 'node:assert/strict';
import { chmodSync, cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { enroll, KmaClient } from '@openkma/agent';
import { type ClusterKma, TestCluster } from './support/cluster.ts';
import { AGENT_PASSPHRASE, COMPLIANCE, OPERATOR, QUORUM } from './support/kma.ts';
import { unlessBusy } from './support/unless-busy.ts';
import { until } from './support/until.ts';

const cluster = new TestCluster(23_000);
after(() => cluster[Symbol.asyncDispose]());
const a = await cluster.first('kma-a', '127.0.3.11');
for (const [{ name: user, passphrase }, role] of [
  [COMPLIANCE, 'COMPLIANCE_OFFICER'],
  [OPERATOR, 'OPERATOR'],
] as const)
  await a.ask('CreateUser', { user, passphrase, roles: [role] }, QUORUM);
const policy = { policy: 'years', encryptionPeriod: '2y', cryptoperiod: '10y' };
await a.ask('CreateKeyPolicy', policy, [], COMPLIANCE);
await a.ask('CreateKeyGroup', { group: 'tapes', policy: 'years' }, [], COMPLIANCE);
await a.ask('CreateAgent', { agent: 'drive', passphrase: AGENT_PASSPHRASE }, [], OPERATOR);
await a.ask('AssignKeyGroup', { agent: 'drive', group: 'tapes', default: true }, [], COMPLIANCE);

const profile = join(cluster.folder, 'drive-a');
const { ca, certificate, agent, discovery } = a.ports;
await enroll({
  directory: profile,
  agentId: 'drive',
  address: a.host,
  passphrase: Buffer.from(AGENT_PASSPHRASE),
  ports: { ca, certificate, agent, discovery },
});
/** The same agent, as it asks one KMA and no other. */
async function driveAt(kma: ClusterKma): Promise<KmaClient> {
  const directory = join(cluster.folder, `drive-${kma.name}`);
  cpSync(profile, directory, { recursive: true });
  chmodSync(directory, 0o700);
  const file = join(directory, 'profile.json');
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll(a.host, kma.host));
  return KmaClient.open(directory, { settings: { failoverLimit: 0, discoveryFrequencyMs: 0 } });
}
const standing = async (kma: ClusterKma) => (await kma.ask<{ cluster: string }>('ShowStatus', {})).cluster;

let b: ClusterKma;

test('agents get nothing from it while it cannot have caught up, and then what was made elsewhere', async () => {
  b = await cluster.entry(a, 'kma-b', '127.0.3.12');
  await cluster.join(b, a);
  await a.stop();
  await b.serve();
  const drive = await driveAt(b);
  assert.equal(await standing(b), 'catching-up');
  await assert.rejects(drive.createKey(), /locked/);
  await a.serve();
  await until('it has caught up', async () => (await standing(b)) === 'member');
  const key = await until('keys are ready by what the other holds', () => drive.createKey());
  const other = await driveAt(a);
  const same = await unlessBusy(() => other.retrieveKey(key.keyId));
  assert.deepEqual(same.key, key.key);
});

test('one that is kept locked catches up, and serves when its quorum has unlocked it', async () => {
  const c = await cluster.entry(a, 'kma-c', '127.0.3.13');
  await cluster.join(c, a, {}, undefined, true);
  await c.serve();
  await until('it has caught up', async () => (await standing(c)) === 'member');
  const drive = await driveAt(c);
  await assert.rejects(drive.createKey(), /locked/);
  await c.ask('UnlockKma', {}, QUORUM);
  await until('it serves', () => drive.createKey());
});

test('each sees whether the others answer where agents are, and leaves nothing in their audit', async () => {
  const seen = async () => {
    const { rows } = await a.ask<{ rows: { kma: string; respondingOnService: string }[] }>('ListKmas', {});
    return Object.fromEntries(rows.map(({ kma, respondingOnService }) => [kma, respondingOnService]));
  };
  const sees = (at: string, answer: string) =>
    until(`${at}: ${answer}`, async () => (await seen())[at] === answer, 60_000);
  for (const name of ['kma-a', 'kma-b', 'kma-c']) await sees(name, 'Responding');
  const front = b.kma.pids().get('front 1') ?? 0;
  process.kill(front, 'SIGSTOP');
  await sees('kma-b', 'Not Responding').finally(() => process.kill(front, 'SIGCONT'));
  await sees('kma-b', 'Responding');
  // What strangers were refused is written together when it stops.
  await b.stop();
  const records = b.read(({ database }) =>
    database
      .prepare(
        `SELECT message FROM audit WHERE message LIKE '%service=certificate%' AND message LIKE '%${a.host}%'`,
      )
      .all(),
  );
  assert.deepEqual(records, []);
});
