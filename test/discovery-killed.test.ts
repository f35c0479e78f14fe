/** A KMA, or its replicator alone, is killed by signal 9 or stands still as by SIGSTOP: within ten seconds the others tell agents that it does not respond, and as soon that it does again. */
import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import { after, test } from 'node:test';
import { KmaClient, loadProfile } from '@openkma/agent';
import { PORTS } from '../src/ports.ts';
import { COMPLIANCE, OPERATOR, type TestKma } from './support/kma.ts';
import { isAlive, ServedKma } from './support/served-kma.ts';
import { isSoonTold as isTold } from './support/soon-told.ts';
import { startThree } from './support/three-kmas.ts';
import { until } from './support/until.ts';

const LONG_MS = 60_000;
const cluster = await startThree(['127.0.6.11', '127.0.6.12', '127.0.6.13']);
after(() => cluster[Symbol.asyncDispose]());
const [first, second, third] = cluster.kmas;

await first.letIn(COMPLIANCE, OPERATOR);
const policy = { policy: 'years', encryptionPeriod: '2y', cryptoperiod: '10y' };
await first.ask('CreateKeyPolicy', policy, COMPLIANCE);
await first.ask('CreateKeyGroup', { group: 'group-a', policy: 'years' }, COMPLIANCE);
await first.createAgent('drive');
(await first.agent('drive', { create: false })).close();

/** An agent that asks this KMA alone. */
async function clientAt(kma: TestKma): Promise<KmaClient> {
  const profile = await loadProfile(first.profile('drive'));
  const settings = { ...profile.settings, discoveryFrequencyMs: 0, failoverLimit: 0 };
  return new KmaClient({ ...profile, address: kma.host, ports: kma.ports, settings }, { keepAlive: true });
}
const tellers = [first, third].map((kma) => ({ host: kma.host, client: () => clientAt(kma) }));
await until(
  'the third knows the agent',
  async () => {
    using client = await clientAt(third);
    return (await client.discover()).members.length === 3;
  },
  LONG_MS,
);

const isThere = (what: string) =>
  isTold(what, tellers, `kma-${second.host}`, ({ responding, locked }) => responding && locked === false);
const isGone = (what: string) => isTold(what, tellers, `kma-${second.host}`, ({ responding }) => !responding);

/** As a process tree of its own, so that its supervisor too can be killed and stopped. */
const usual = PORTS.find(({ service }) => service === 'replication')?.port ?? 0;
const serve = () => ServedKma.startAt(second, second.host, cluster.replicationPort - usual);
await second.stop();
// Its directory is in that of the first, where fronts of a KMA started as root have to pass as another user.
chmodSync(first.folder, 0o711);
let served = await serve();
after(() => served[Symbol.asyncDispose]());
await isThere('it serves');

const signal = (pids: readonly number[], name: NodeJS.Signals) => {
  for (const pid of pids) process.kill(pid, name);
};
const all = () => [served.pid, ...served.children()];

test('one that stands still with all its processes does not respond, and does when it goes on', async () => {
  const pids = all();
  assert.ok(pids.length > 4, 'supervisor, core, reader, replicator and fronts');
  signal(pids, 'SIGSTOP');
  try {
    await isGone('it stands still');
  } finally {
    signal(pids, 'SIGCONT');
  }
  await isThere('it goes on');
});

test('one whose replicator stands still does not respond, and does when that goes on', async () => {
  const replicator = [served.childNamed('replicator')];
  signal(replicator, 'SIGSTOP');
  try {
    await isGone('its replicator stands still');
  } finally {
    signal(replicator, 'SIGCONT');
  }
  await isThere('its replicator goes on');
});

test('one whose replicator is killed does not respond, and does once there is another one', async () => {
  const killed = served.childNamed('replicator');
  // It would replace the replicator before anybody looks.
  signal([served.pid], 'SIGSTOP');
  try {
    signal([killed], 'SIGKILL');
    await isGone('its replicator is killed');
  } finally {
    signal([served.pid], 'SIGCONT');
  }
  await until('there is another one', () => served.childNamed('replicator') !== killed, LONG_MS);
  await isThere('it has another replicator');
});

test('one that is killed with all its processes does not respond, and does once it is started again', async () => {
  const pids = all();
  signal(pids, 'SIGKILL');
  await served.ended();
  await isGone('it is killed');
  await until('nothing is left of it', () => !pids.some(isAlive), LONG_MS);
  served = await serve();
  await isThere('it is started again');
});
