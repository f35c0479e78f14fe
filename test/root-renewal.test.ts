/** The root CA renewed on a whole KMA: agents at work notice nothing, enrolments under way are finished, and a backup from before is restored. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { connect } from 'node:tls';
import { KmaClient, loadProfile } from '@openkma/agent';
import { isRefusal } from '../src/core/refusal.ts';
import { AGENT_PASSPHRASE, OFFICER, OPERATOR, TestKma } from './support/kma.ts';
import { asUser, kmaCommand } from './support/kma-command.ts';
import { identityAfter, prepareExchange } from './support/modern-proof.ts';
import {
  callRaw,
  certify,
  fieldsOf,
  identityOf,
  prove,
  RawAgent,
  retrieveRoot,
} from './support/raw-agent.ts';
import { filesOf, restoreFrom, returningAgent, wake } from './support/restoring.ts';
import { until } from './support/until.ts';

interface Root {
  readonly certificatePem: string;
  readonly digest: string;
  readonly publicKeySha256: string;
}

const kma = await TestKma.start({ fronts: 2 });
after(() => kma[Symbol.asyncDispose]());
const DIRECT = { failoverLimit: 0, timeoutMs: 15_000 };
const showRoot = () => kma.ask<Root>('ShowRootCa', {}, OFFICER);
const first = await showRoot();
await kma.agent('before');
const beforeProfile = await loadProfile(kma.profile('before'));
const backup = await kma.backup();

/** Renewed, and every front has been told: each serves the certificate that was issued with it. */
async function renew(digest = 'SHA-256'): Promise<Root> {
  const root = await kma.ask<Root>('RenewRootCa', { digest }, OFFICER);
  await until('the fronts serve the new certificate', async () => {
    const serials = await Promise.all(Array.from({ length: 8 }, servedSerial));
    return serials.every((serial) => serial === new X509Certificate(kma.serverCertificatePem()).serialNumber);
  });
  return root;
}
async function servedSerial(): Promise<string> {
  const options = { host: '127.0.0.1', port: kma.ports.certificate, rejectUnauthorized: false } as const;
  const socket = connect({ ...options, ciphers: 'DEFAULT:@SECLEVEL=0' });
  await once(socket, 'secureConnect');
  const serial = socket.getPeerX509Certificate()?.serialNumber ?? '';
  socket.destroy();
  return serial;
}

/** An agent that gets a key it knows, again and again, and now and then a new one. */
class Worker {
  calls = 0;
  readonly failures: string[] = [];
  readonly #client: KmaClient;
  readonly #work: Promise<void>;
  #running = true;

  constructor(client: KmaClient) {
    this.#client = client;
    this.#work = this.#loop();
  }

  async #loop(): Promise<void> {
    const known = await this.#client.createKey();
    while (this.#running)
      try {
        const { keyId } = this.calls % 10 === 9 ? await this.#client.createKey() : known;
        await this.#client.retrieveKey(keyId);
        this.calls += 1;
      } catch (error) {
        this.failures.push(String(error));
      }
  }

  async stop(): Promise<void> {
    this.#running = false;
    await this.#work;
    this.#client.close();
  }
}
/** So many calls more of each. */
async function moreCalls(workers: readonly Worker[], count: number): Promise<void> {
  const wanted = workers.map((worker) => worker.calls + count);
  await until('the agents go on', () =>
    workers.every((worker, i) => worker.failures.length > 0 || worker.calls >= (wanted[i] ?? 0)),
  );
}
async function through(workers: readonly Worker[], renewals: readonly (() => Promise<unknown>)[]) {
  try {
    await moreCalls(workers, 5);
    for (const renewal of renewals) {
      await renewal();
      await moreCalls(workers, 10);
    }
  } finally {
    for (const worker of workers) await worker.stop();
  }
  assert.deepEqual(
    workers.map(({ failures }) => failures),
    workers.map(() => []),
  );
}

function opensslVerifies(rootPem: string, pem: string): boolean {
  const [root, leaf] = [join(kma.folder, 'root.pem'), join(kma.folder, 'leaf.pem')];
  writeFileSync(root, rootPem);
  writeFileSync(leaf, pem);
  return spawnSync('openssl', ['verify', '-x509_strict', '-CAfile', root, leaf]).status === 0;
}

test('agents that run in a loop notice no renewal, whether they keep their connections or not', async () => {
  const workers = [
    new Worker(await returningAgent(kma, kma.profile('before'))),
    new Worker(await kma.agent('closes', { settings: DIRECT })),
    new Worker(await kma.agent('keeps', { settings: DIRECT, keepAlive: true })),
    new Worker(await kma.agent('keeps-too', { settings: DIRECT, keepAlive: true })),
  ];
  const renewals = Array.from({ length: 5 }, () => () => renew());
  await through(workers, renewals);
  assert.notEqual((await showRoot()).certificatePem, first.certificatePem);
});

test('the command renews it; certificates of before verify under the new root and those of after under the old one', async () => {
  const oldServer = kma.serverCertificatePem();
  const command = ['--data', kma.data, '--json', 'root-ca', 'renew', ...asUser(kma.folder, OFFICER)];
  const { status, stdout, stderr } = await kmaCommand(...command);
  assert.equal(status, 0, stderr);
  const renewed: Root = JSON.parse(stdout);
  assert.equal(renewed.publicKeySha256, first.publicKeySha256);
  assert.deepEqual(await showRoot(), renewed);
  await kma.agent('after');
  const { caPem, certificatePem } = await loadProfile(kma.profile('after'));
  assert.equal(caPem, renewed.certificatePem);
  const leaves = [oldServer, kma.serverCertificatePem(), beforeProfile.certificatePem, certificatePem];
  for (const root of [first.certificatePem, renewed.certificatePem])
    for (const leaf of leaves) assert.ok(opensslVerifies(root, leaf));
});

test('enrolments that were under way are finished after the renewal, by either proof', async () => {
  await kma.createAgent('under-way-legacy');
  await kma.createAgent('under-way-modern');
  const root = await retrieveRoot(kma.ports, 'under-way-legacy');
  const request = await prove(root, 'under-way-legacy', AGENT_PASSPHRASE);
  const modern = await prepareExchange(kma.ports, 'agent', 'under-way-modern', AGENT_PASSPHRASE);
  const user = await prepareExchange(kma.ports, 'user', OPERATOR.name, OPERATOR.passphrase);
  const renewed = await renew();
  assert.notEqual(renewed.certificatePem, root.caPem);
  const legacy = new RawAgent(
    'under-way-legacy',
    kma.ports,
    identityOf(root, await certify(kma.ports, root, request)),
  );
  await legacy.createKey();
  const enrolled = await modern.connection.call('EnrolAgent', modern.request);
  assert.ok(modern.proof.accepts(fieldsOf(enrolled).serverSignature));
  fieldsOf(await callRaw(kma.ports, 'DiscoverCluster', {}, identityAfter(modern, enrolled)));
  const loggedIn = fieldsOf(await user.connection.call('LogInUser', user.request));
  assert.ok(user.proof.accepts(loggedIn.serverSignature));
  for (const { connection } of [modern, user]) connection.close();
});

test('what is issued from now on lasts as long as the security parameters say', async () => {
  const days = { rootCaDays: 36_525, entityCertificateDays: 30 };
  await kma.ask('ModifySecurityParameters', days, OFFICER);
  const root = await renew();
  await kma.agent('short-lived');
  const { certificatePem } = await loadProfile(kma.profile('short-lived'));
  const daysLeft = (pem: string) =>
    Math.round((new X509Certificate(pem).validToDate.getTime() - Date.now()) / 86_400_000);
  assert.deepEqual(
    [root.certificatePem, kma.serverCertificatePem(), certificatePem].map(daysLeft),
    [36_525, 30, 30],
  );
  await kma.ask('ModifySecurityParameters', { rootCaDays: 17_897, entityCertificateDays: 17_897 }, OFFICER);
});

test('old agents go through SHA-1 and back without a failed call; those that demand TLS 1.2 wait until it is over', async () => {
  const refused = await kma.answer('RenewRootCa', { digest: 'SHA-1' }, OFFICER);
  assert.ok(isRefusal(refused));
  assert.equal(refused.refused, 'SHA1_CUTS_AGENTS_OFF');
  const old = { ...DIRECT, minimumTls: '1.0' } as const;
  const workers = [
    new Worker(await kma.agent('old-closes', { settings: old })),
    new Worker(await kma.agent('old-keeps', { settings: old, keepAlive: true })),
  ];
  const young = new KmaClient({ ...beforeProfile, ports: kma.ports }, { settings: DIRECT });
  await through(workers, [
    () => kma.ask('SetAcceptableTls', { minimum: '1.0' }, OFFICER),
    () => renew('SHA-1'),
    () => assert.rejects(young.listKeyGroups(), /too weak/),
    () => renew('SHA-256'),
    () => kma.ask('SetAcceptableTls', { minimum: '1.2' }, OFFICER),
  ]);
  assert.ok((await young.listKeyGroups()).length > 0);
  young.close();
});

test('a backup from before is restored with its root, and serves agents that know either root', async (t) => {
  const { keyId } = await (await returningAgent(kma, kma.profile('before'))).createKey();
  const renewed = await showRoot();
  const later = await kma.backup();
  await kma.stop();
  for (const [name, made, root] of [
    ['before', backup, first],
    ['after', later, renewed],
  ] as const) {
    const data = join(kma.folder, `restored-${name}`);
    const restored = await restoreFrom(filesOf(made), data);
    assert.ok(!isRefusal(restored), JSON.stringify(restored));
    const again = await wake(data, kma.folder);
    t.after(() => again.stop());
    assert.equal((await again.ask<Root>('ShowRootCa', {}, OFFICER)).certificatePem, root.certificatePem);
    const { certificatePem, privateKeyPem } = beforeProfile;
    for (const ca of [first.certificatePem, renewed.certificatePem]) {
      const identity = { ca, cert: certificatePem, key: privateKeyPem };
      fieldsOf(await callRaw(again.ports, 'DiscoverCluster', {}, identity));
    }
    if (made === later)
      assert.equal(
        (await (await returningAgent(again, kma.profile('before'))).retrieveKey(keyId)).keyId,
        keyId,
      );
    await again.stop();
  }
});
