/** Enrolment against a KMA, honest and not (protocol 4). */
import assert from 'node:assert/strict';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { temporaryDirectory } from '../test/temporary-directory.ts';
import { TestAuthority } from '../test/test-authority.ts';
import { TestCluster } from '../test/test-cluster.ts';
import { KmaClient } from './client.ts';
import { type EnrollOptions, enroll } from './enroll.ts';
import type { FailureKind } from './errors.ts';
import { kindOf } from './faults.ts';
import { legacyProof } from './legacy-proof.ts';
import { modernProof } from './modern-proof.ts';
import { loadProfile } from './profile.ts';

let cluster: TestCluster;
before(async () => {
  cluster = await TestCluster.start(1);
});
after(() => cluster.stop());

async function request(t: TestContext, more: Partial<EnrollOptions> = {}): Promise<EnrollOptions> {
  return {
    directory: join(await temporaryDirectory(t), 'deep', 'profile'),
    agentId: cluster.agentId,
    address: '127.0.0.1',
    passphrase: Buffer.from(cluster.passphrase),
    ports: cluster.ports,
    ...more,
  };
}
const is = (kind: FailureKind) => (error: unknown) => kindOf(error) === kind;

test('keeps what it got in files that only the owner may read, and then gets keys', async (t) => {
  const options = await request(t);
  const profile = await enroll(options);
  const names = (await readdir(options.directory)).sort();
  assert.deepEqual(names, ['agent.key', 'agent.pem', 'ca.pem', 'profile.json']);
  assert.equal((await stat(options.directory)).mode & 0o777, 0o700);
  for (const name of names)
    assert.equal((await stat(join(options.directory, name))).mode & 0o777, 0o600, name);
  assert.deepEqual(await loadProfile(options.directory), profile);
  using client = await KmaClient.open(options.directory);
  assert.equal((await client.createKey()).key.length, 32);
});

test('leaves nothing behind after a wrong passphrase or a wrong agent', async (t) => {
  for (const more of [
    { passphrase: Buffer.from('wrong') },
    { agentId: 'stranger' },
    { passphrase: Buffer.from('wrong'), proof: legacyProof },
  ]) {
    const options = await request(t, more);
    await assert.rejects(enroll(options), is('denied'));
    assert.deepEqual(await readdir(join(options.directory, '..')), []);
  }
});

test('refuses a KMA that cannot prove that it knows the passphrase, and keeps nothing of it', async (t) => {
  cluster.kma(1).answersWrongProof = true;
  t.after(() => {
    cluster.kma(1).answersWrongProof = false;
  });
  for (const proof of [modernProof, legacyProof]) {
    const options = await request(t, { proof });
    await assert.rejects(enroll(options), /impostor/);
    assert.deepEqual(await readdir(join(options.directory, '..')), []);
  }
});

test('refuses a Certificate service whose certificate is not under the root CA it was given', async (t) => {
  const own = cluster.authority.certificatePem;
  const other = await TestAuthority.create('Other');
  Object.assign(cluster.authority, { certificatePem: other.certificatePem });
  t.after(() => Object.assign(cluster.authority, { certificatePem: own }));
  for (const proof of [modernProof, legacyProof])
    await assert.rejects(enroll(await request(t, { proof })), is('unavailable'));
});

test('the legacy proof refuses a certificate from another root, and a private key of another certificate', async (t) => {
  const other = await TestAuthority.create('Other');
  const foreign = await other.issue('agent1', 'client');
  const { agent } = cluster;
  t.after(() => Object.assign(cluster, { agent }));
  Object.assign(cluster, { agent: foreign });
  await assert.rejects(enroll(await request(t, { proof: legacyProof })), /not issued by/);
  Object.assign(cluster, { agent: { ...agent, privateKeyPem: foreign.privateKeyPem } });
  await assert.rejects(enroll(await request(t, { proof: legacyProof })), /do not belong together/);
});

test('replaces an enrolled agent only when told so, and keeps it when the new enrolment fails', async (t) => {
  const options = await request(t);
  const { certificatePem } = await enroll(options);
  await assert.rejects(enroll(options), is('conflict'));
  await assert.rejects(enroll({ ...options, replace: true, passphrase: Buffer.from('wrong') }), is('denied'));
  assert.equal((await loadProfile(options.directory)).certificatePem, certificatePem);
  await enroll({ ...options, replace: true });
  assert.deepEqual(await readdir(join(options.directory, '..')), ['profile']);
});

test('does not spend the passphrase when the directory holds other files', async (t) => {
  const options = await request(t, { directory: await temporaryDirectory(t) });
  await writeFile(join(options.directory, 'payroll.db'), 'x');
  const before = cluster.kma(1).callsOf('EnrolAgent');
  await assert.rejects(enroll(options), is('conflict'));
  assert.equal(cluster.kma(1).callsOf('EnrolAgent'), before);
  assert.equal(await readFile(join(options.directory, 'payroll.db'), 'utf8'), 'x');
});

test('is unavailable where no KMA listens', async (t) => {
  await assert.rejects(enroll(await request(t, { address: '127.0.0.99' })), is('unavailable'));
});

test('refuses an empty passphrase, a bad agent ID and a bad address', async (t) => {
  for (const more of [
    { passphrase: Buffer.alloc(0) },
    { agentId: 'ä'.repeat(33) },
    { agentId: '' },
    { address: 'a b' },
  ])
    await assert.rejects(enroll(await request(t, more)), is('usage'));
});

test('takes another way to prove the passphrase', async (t) => {
  const seen: string[] = [];
  const proof = async ({ address }: { address: string }) => {
    seen.push(address);
    return { caPem: cluster.authority.certificatePem, ...cluster.agent };
  };
  await enroll(await request(t, { address: 'localhost', proof }));
  assert.equal(seen.length, 1);
  assert.match(seen[0] ?? '', /^(127\.0\.0\.1|\[::1\])$/);
});
