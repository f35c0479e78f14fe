/** Three KMAs as real processes: what is changed at one is at all, keys are Ready by what others hold, and kills, lost caches and strangers change nothing of it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { connect, createServer } from 'node:tls';
import { type ClusterMember, KmaClient, loadProfile } from '@openkma/agent';
import { STANDING_ALPN } from '../src/replication/standing-messages.ts';
import { readIdentity, readTlsKeyPem } from '../src/setup/local-identity.ts';
import { DataDirectory } from '../src/store/data-directory.ts';
import { stateHash } from '../src/store/state-hash.ts';
import { openStore } from '../src/store/store.ts';
import { killProcess } from './support/kill-process.ts';
import { AUDITOR, COMPLIANCE, OFFICER, OPERATOR, QUORUM, type TestKma } from './support/kma.ts';
import { opensslHears } from './support/openssl.ts';
import { withStore } from './support/restoring.ts';
import { isSoonTold as isTold } from './support/soon-told.ts';
import { startThree } from './support/three-kmas.ts';
import { unlessBusy } from './support/unless-busy.ts';
import { until } from './support/until.ts';

const LONG_MS = 60_000;
const cluster = await startThree(['127.0.1.21', '127.0.1.22', '127.0.1.23']);
after(() => cluster[Symbol.asyncDispose]());
const [first, second, third] = cluster.kmas;

/** What is folded, and what has come of it. */
function standingOf(kma: TestKma): string {
  const store = openStore({ path: join(kma.data, 'kma.db'), mode: 'read' });
  try {
    return store.read(() => `${JSON.stringify(store.vector())} ${stateHash(store)}`);
  } finally {
    store.close();
  }
}

async function equal(...of: readonly TestKma[]): Promise<void> {
  await until('all have the same state', () => new Set(of.map(standingOf)).size === 1, LONG_MS);
}

async function readyKeys(kma: TestKma): Promise<void> {
  const ready = () => kma.ask<{ keysReady: number }>('ShowStatus', {});
  await until(`keys are ready at ${kma.host}`, async () => (await ready()).keysReady > 0, LONG_MS);
}

const sitesAt = async (kma: TestKma): Promise<readonly string[]> =>
  (await kma.rows<{ site: string }>('ListSites', {}, OFFICER)).map(({ site }) => site);

/** What strangers were refused is written together, at the latest when the KMA stops. */
async function restart(kma: TestKma): Promise<void> {
  await kma.stop();
  await kma.resume();
}

async function refusalsAt(kma: TestKma): Promise<readonly string[]> {
  const rows = await kma.rows('ListAuditEvents', { limit: 200 }, AUDITOR);
  return rows.map((row) => JSON.stringify(row)).filter((row) => row.includes('replication'));
}

/** Made at one, seen at the others. */
let sites = 0;
async function changeArrives(at: TestKma, ...elsewhere: readonly TestKma[]): Promise<void> {
  const site = `site-${++sites}`;
  await until(`a site is made at ${at.host}`, async () => {
    await at.ask('CreateSite', { site }, OFFICER);
    return true;
  });
  for (const kma of elsewhere)
    await until(`${site} at ${kma.host}`, async () => (await sitesAt(kma)).includes(site), LONG_MS);
}

test('people, policies, groups and agents made at one KMA are at the others, and all have the same state', async () => {
  await first.letIn(COMPLIANCE, OPERATOR, AUDITOR);
  const policy = { policy: 'years', encryptionPeriod: '2y', cryptoperiod: '10y' };
  await first.ask('CreateKeyPolicy', policy, COMPLIANCE);
  await first.ask('CreateKeyGroup', { group: 'group-a', policy: 'years' }, COMPLIANCE);
  for (const agent of ['drive', 'library']) await first.createAgent(agent);
  for (const kma of [second, third])
    await until(
      `the agents at ${kma.host}`,
      async () => (await kma.rows('ListAgents', {}, OPERATOR)).length === 2,
      LONG_MS,
    );
  await changeArrives(second, first, third);
  await changeArrives(third, first, second);
});

test('keys are Ready without any backup, because others hold them; one made at one KMA is retrieved at another', async () => {
  for (const kma of [first, second]) await readyKeys(kma);
  const here = await first.agent('drive', { create: false });
  const key = await here.createKey();
  const there = await second.agent('library', { create: false });
  const same = await until('the key at the second', () => there.retrieveKey(key.keyId), LONG_MS);
  assert.deepEqual(same.key.reveal(), key.key.reveal());
});

/** An agent that asks this KMA alone, and believes what it says. */
async function clientAt(kma: TestKma): Promise<KmaClient> {
  const profile = await loadProfile(first.profile('drive'));
  const settings = { ...profile.settings, discoveryFrequencyMs: 0, failoverLimit: 0 };
  return new KmaClient({ ...profile, address: kma.host, ports: kma.ports, settings }, { keepAlive: true });
}

test('what is made at one KMA is used at another at once', async () => {
  using here = await clientAt(first);
  using there = await clientAt(second);
  for (let round = 0; round < 25; round++) {
    const { dataUnitId } = await here.createDataUnit({ externalTag: `tag-${round}` });
    const unit = await unlessBusy(() => there.retrieveDataUnit(dataUnitId));
    assert.equal(unit.externalTag, `tag-${round}`);
    const { keyId, key } = await there.createKey({ dataUnitId });
    const same = await unlessBusy(() => here.retrieveKey(keyId));
    assert.deepEqual(same.key.reveal(), key.reveal());
  }
});

/** Makes keys at the second KMA until it refuses; what it gave last is in the list before that. */
async function makeKeysUntilRefused(given: string[]): Promise<void> {
  using agent = await clientAt(second);
  for (;;)
    try {
      given.push((await agent.createKey()).keyId);
    } catch {
      return;
    }
}

for (const [what, end, begin] of [
  ['stopped', () => second.stop(), () => second.resume()],
  [
    'locked',
    () => second.ask('LockKma', {}, OFFICER),
    () =>
      until('it is unlocked', async () => {
        await second.ask('UnlockKma', {}, OFFICER, QUORUM);
        return true;
      }),
  ],
] as const)
  test(`a KMA that is ${what} leaves nothing behind that others do not have, and they say that it is`, async () => {
    await readyKeys(second);
    const given: string[] = [];
    const refused = makeKeysUntilRefused(given);
    await until('it gives some', () => given.length > 3, LONG_MS);
    await end();
    await refused;
    using agent = await clientAt(first);
    for (const keyId of given) await unlessBusy(() => agent.retrieveKey(keyId));
    const asFirstSees = async () => {
      const { members } = await agent.discover();
      return members.find(({ kmaNetworkAddress }) => kmaNetworkAddress === second.host);
    };
    await until(
      `it is ${what} for the first`,
      async () => {
        const seen = await asFirstSees();
        return what === 'locked' ? seen?.locked === true && seen.responding : seen?.responding === false;
      },
      LONG_MS,
    );
    await begin();
    await until(
      'it is there again',
      async () => {
        const seen = await asFirstSees();
        return seen?.responding === true && seen.locked === false;
      },
      LONG_MS,
    );
  });

/** The other two tell it of the second in their answers to an agent. */
const isSoonTold = (what: string, holds: (second: ClusterMember) => boolean): Promise<void> => {
  const tellers = [first, third].map((kma) => ({ host: kma.host, client: () => clientAt(kma) }));
  return isTold(what, tellers, `kma-${second.host}`, holds);
};

const hearsSecond = async (kma: TestKma): Promise<boolean> =>
  (await kma.rows<{ kma: string; responding: boolean }>('ListKmas', {}, OFFICER)).some(
    ({ kma: name, responding }) => responding && name === `kma-${second.host}`,
  );

const modifySecond = (change: object, at: TestKma) =>
  at.ask('ModifyKma', { kma: `kma-${second.host}`, ...change }, OFFICER, QUORUM);

test('within seconds all tell agents the site and the addresses that a member was given at another KMA', async () => {
  await third.ask('CreateSite', { site: 'berlin' }, OFFICER);
  await modifySecond({ site: 'berlin' }, third);
  await isSoonTold('its site', ({ kmaSiteId }) => kmaSiteId === 'berlin');
  const changed = {
    serviceAddress: '192.0.2.22',
    serviceIpv6Address: '2001:db8::22',
    hostName: 'kma22.example',
  };
  await modifySecond(changed, second);
  await isSoonTold(
    'its addresses',
    (told) =>
      told.kmaNetworkAddress === changed.serviceAddress &&
      told.kmaNetworkAddressIpv6 === changed.serviceIpv6Address &&
      told.kmaHostName === changed.hostName &&
      told.kmaHostNameIpv6 === changed.hostName,
  );
  await modifySecond({ site: '', serviceAddress: second.host, serviceIpv6Address: '', hostName: '' }, third);
  await isSoonTold(
    'all as before',
    (told) =>
      told.kmaSiteId === '' &&
      told.kmaNetworkAddress === second.host &&
      told.kmaNetworkAddressIpv6 === '' &&
      told.kmaHostName === '',
  );
});

test('within seconds all tell agents that a member is locked, has much to do, is gone, and is there again', async () => {
  await second.ask('LockKma', {}, OFFICER);
  await isSoonTold('it is locked', ({ locked, responding }) => locked === true && responding);
  await until('it is unlocked', async () => {
    await second.ask('UnlockKma', {}, OFFICER, QUORUM);
    return true;
  });
  await isSoonTold('it is unlocked', ({ locked, responding }) => locked === false && responding);
  let busy = true;
  const callers = Promise.all(
    Array.from({ length: 12 }, async () => {
      using agent = await clientAt(second);
      while (busy) await unlessBusy(() => agent.createAuditLog('at work', { retention: 'short' }));
    }),
  );
  callers.catch(() => undefined);
  try {
    await isSoonTold('its load', ({ load }) => load > 0);
  } finally {
    busy = false;
  }
  await callers;
  await isSoonTold('it has nothing to do', ({ load }) => load === 0);
  await second.stop();
  await isSoonTold('it is gone', ({ responding }) => !responding);
  await second.resume();
  // Who dials waits some seconds after a connection that came to nothing, and then it is back for that one.
  for (const kma of [first, third]) await until(`${kma.host} hears it`, () => hearsSecond(kma), LONG_MS);
  await isSoonTold('it is back', ({ responding, locked }) => responding && locked === false);
});

for (const name of ['replicator', 'core'])
  test(`a killed ${name}, on either side, comes back and nothing is missing`, async () => {
    for (const kma of [first, second]) {
      await killProcess(kma.kma, name);
      await changeArrives(first, second, third);
      await changeArrives(second, first, third);
    }
  });

test('a KMA that was away, and has lost its cache, has everything again', async () => {
  await second.stop();
  rmSync(join(second.data, 'replication'), { recursive: true });
  await changeArrives(first, third);
  await second.resume();
  await changeArrives(second, first, third);
  await changeArrives(first, second, third);
});

test('the certificate of an agent opens no connection on 3336, and the attempt is in the audit', async () => {
  const { privateKeyPem, certificatePem, caPem } = await loadProfile(first.profile('drive'));
  const socket = connect({
    host: first.host,
    port: cluster.replicationPort,
    key: privateKeyPem,
    cert: certificatePem,
    ca: caPem,
    ALPNProtocols: ['openkma/1'],
    checkServerIdentity: () => undefined,
  });
  socket.on('error', () => undefined).resume();
  await once(socket, 'close');
  await restart(first);
  const records = await refusalsAt(first);
  assert.ok(
    records.some((record) => /the key of no member/.test(record)),
    records.join('\n'),
  );
});

/** The true certificate and key of the second member, and the root CA. */
function credentialsOfSecond() {
  const directory = DataDirectory.open(second.data);
  const { kmaId } = readIdentity(directory);
  return withStore(second.data, ({ state }) => ({
    key: readTlsKeyPem(directory),
    cert: state.get('kma', kmaId)?.certificatePem ?? '',
    ca: state.get('certificate_authority', 'root')?.certificatePem ?? '',
  }));
}

/** With them in files, and a question that changes nothing: the answer to it ends the connection. */
function askingAsSecond(): (port: number, host: string, ...options: string[]) => Promise<string> {
  const credentials = credentialsOfSecond();
  const file = (name: keyof typeof credentials) => {
    const path = join(first.folder, `second-${name}.pem`);
    writeFileSync(path, credentials[name], { mode: 0o600 });
    return path;
  };
  const files = ['-cert', file('cert'), '-key', file('key'), '-CAfile', file('ca'), '-verify_return_error'];
  return (port, host, ...options) =>
    opensslHears({ host, port }, ...files, '-alpn', STANDING_ALPN, ...options);
}

test('3336 speaks TLS 1.3 and nothing older, to a member with its true certificate too', async () => {
  const ask = askingAsSecond();
  const answered = await ask(cluster.replicationPort, first.host, '-tls1_3');
  assert.match(answered, /^New, TLSv1\.3, Cipher is TLS_/m);
  assert.match(answered, /"standing":"member"/);
  for (const version of ['-tls1_2', '-tls1_1', '-tls1']) {
    const refused = await ask(cluster.replicationPort, first.host, version, '-cipher', 'ALL:@SECLEVEL=0');
    assert.match(refused, /alert protocol version/, version);
    assert.match(refused, /Cipher is \(NONE\)/, version);
  }
});

test('nobody resumes a session on 3336: who comes again proves again who he is', async () => {
  const ask = askingAsSecond();
  const twice = async (port: number, host: string, name: string) => {
    const session = join(first.folder, `${name}.session`);
    const begun = await ask(port, host, '-tls1_3', '-sess_out', session);
    assert.match(begun, /^New, TLSv1\.3/m);
    const again = existsSync(session) ? ['-sess_in', session] : [];
    return ask(port, host, '-tls1_3', ...again);
  };
  const { key, cert, ca } = credentialsOfSecond();
  const other = createServer(
    { key, cert, ca, requestCert: true, ALPNProtocols: [STANDING_ALPN], minVersion: 'TLSv1.3' },
    (socket) => socket.end('done'),
  ).listen(0, first.host);
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  assert.match(await twice(port, first.host, 'other'), /^Reused, TLSv1\.3/m, 'it would be seen');
  other.close();
  const again = await twice(cluster.replicationPort, first.host, 'replication');
  assert.match(again, /^New, TLSv1\.3/m);
  assert.doesNotMatch(again, /^Reused/m);
});

test('a removed member is cut off, and what is made afterwards never comes to it', async () => {
  await equal(first, second, third);
  await first.ask('DeleteKma', { kma: 'kma-127.0.1.23', as: 'retired' }, OFFICER);
  const before = await sitesAt(third);
  await changeArrives(first, second);
  await changeArrives(second, first);
  assert.deepEqual(await sitesAt(third), before);
  await restart(third);
  await changeArrives(first, second);
  assert.deepEqual(await sitesAt(third), before);
});

test('those who are left have the same state in the end', async () => {
  await equal(first, second);
});
