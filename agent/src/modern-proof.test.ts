/** The modern proof as the agent does it, against a KMA honest and not: what it refuses, and what never leaves it (docs/proof.md). */
import assert from 'node:assert/strict';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { caKeySha256, PROOF_COST_CEILING, PROOF_COST_FLOOR } from '@openkma/protocol';
import { temporaryDirectory } from '../test/temporary-directory.ts';
import { TestAuthority } from '../test/test-authority.ts';
import { TestCluster } from '../test/test-cluster.ts';
import { type EnrollOptions, enroll } from './enroll.ts';
import type { FailureKind } from './errors.ts';
import { kindOf } from './faults.ts';
import { legacyProof } from './legacy-proof.ts';
import { loadProfile } from './profile.ts';

let cluster: TestCluster;
before(async () => {
  cluster = await TestCluster.start(1);
});
after(() => cluster.stop());

async function request(t: TestContext, more: Partial<EnrollOptions> = {}, at = cluster) {
  return {
    directory: join(await temporaryDirectory(t), 'profile'),
    agentId: at.agentId,
    address: '127.0.0.1',
    passphrase: Buffer.from(at.passphrase),
    ports: at.ports,
    ...more,
  };
}
const is = (kind: FailureKind) => (error: unknown) => kindOf(error) === kind;

/** Changes something of the KMA for the rest of the test. */
function meanwhile(t: TestContext, changes: Partial<ReturnType<TestCluster['kma']>>): void {
  const kma = cluster.kma(1);
  const known = Object.fromEntries(Object.keys(changes).map((name) => [name, Reflect.get(kma, name)]));
  Object.assign(kma, changes);
  t.after(() => Object.assign(kma, known));
}
async function anotherRoot(t: TestContext): Promise<void> {
  const own = cluster.authority;
  Object.assign(cluster, { authority: await TestAuthority.create('Other') });
  t.after(() => Object.assign(cluster, { authority: own }));
}
/** How many proofs the KMA has got to see. */
const proofs = () =>
  cluster.kma(1).callsOf('EnrolAgent') + cluster.kma(1).callsOf('RetrieveEntityCertificate');

test('the certificate is over the key the agent made, and the private key is in no message', async (t) => {
  const seen = cluster.kma(1).received.length;
  const { certificatePem, privateKeyPem } = await enroll(await request(t));
  const bodies = cluster
    .kma(1)
    .received.slice(seen)
    .map((body) => body.toString('latin1'));
  assert.equal(bodies.length, 2);
  const certificate = new X509Certificate(certificatePem);
  const spki = certificate.publicKey.export({ type: 'spki', format: 'der' });
  assert.ok(bodies.some((body) => body.includes(spki.toString('hex').toUpperCase())));
  const lines = privateKeyPem.split('\n').filter((line) => /^[A-Za-z0-9+/]{64}$/.test(line));
  assert.ok(lines.length > 20);
  // The first line holds the public modulus's beginning at most, the others parts of the secret numbers too.
  for (const line of lines.slice(8)) {
    const bytes = Buffer.from(line, 'base64').toString('hex').toUpperCase();
    assert.ok(bodies.every((body) => !body.includes(line) && !body.includes(bytes)));
  }
});

test('works over TLS 1.3, and below it says why not and proves nothing', async (t) => {
  const older = await TestCluster.start(1, { maxVersion: 'TLSv1.2' });
  t.after(() => older.stop());
  const options = await request(t, {}, older);
  await assert.rejects(enroll(options), /TLS below 1\.3, to which no proof can be bound/);
  assert.deepEqual(await readdir(join(options.directory, '..')), []);
  assert.ok((await enroll(await request(t, { settings: { minimumTls: '1.3' } }))).certificatePem);
});

test('refuses costs below the floor and above the ceiling before the passphrase is touched', async (t) => {
  meanwhile(t, { proofCost: PROOF_COST_FLOOR });
  for (const proofCost of [
    { ...PROOF_COST_FLOOR, memoryKib: PROOF_COST_FLOOR.memoryKib - 1 },
    { ...PROOF_COST_FLOOR, passes: 1 },
    { ...PROOF_COST_CEILING, memoryKib: PROOF_COST_CEILING.memoryKib + 1 },
    { ...PROOF_COST_CEILING, passes: 2 ** 31 - 1 },
    { ...PROOF_COST_CEILING, lanes: PROOF_COST_CEILING.lanes + 1 },
  ]) {
    cluster.kma(1).proofCost = proofCost;
    const [options, sent] = [await request(t), proofs()];
    await assert.rejects(enroll(options), /cost of the passphrase proof .*impostor/);
    assert.equal(proofs(), sent);
    assert.deepEqual(await readdir(join(options.directory, '..')), []);
  }
});

test('a certificate over another key than its own is refused, and nothing kept', async (t) => {
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey;
  meanwhile(t, { certifiesKey: other.export({ type: 'spki', format: 'der' }) });
  const options = await request(t);
  await assert.rejects(enroll(options), /do not belong together/);
  assert.deepEqual(await readdir(join(options.directory, '..')), []);
});

test('to a KMA that does not know it the error says what to do, and --legacy does it', async (t) => {
  meanwhile(t, { knowsModernProof: false });
  const options = await request(t);
  await assert.rejects(enroll(options), /does not know the modern passphrase proof.*--legacy/);
  assert.equal((await enroll({ ...options, proof: legacyProof })).agentId, cluster.agentId);
});

test('a busy KMA is not taken for one that does not know the proof', async (t) => {
  meanwhile(t, { behaviour: 'hang-up' });
  await assert.rejects(enroll(await request(t)), is('unavailable'));
});

test('pins the key of the root CA, and refuses another one before it proves anything, by either proof', async (t) => {
  const options = await request(t);
  const first = await enroll(options);
  const pinned = caKeySha256(cluster.authority.certificatePem);
  assert.equal(first.caKeySha256, pinned);
  const kept = JSON.parse(await readFile(join(options.directory, 'profile.json'), 'utf8'));
  assert.equal(kept.caKeySha256, pinned);
  await anotherRoot(t);
  for (const proof of [undefined, legacyProof]) {
    const sent = proofs();
    const again = { ...options, replace: true, ...(proof === undefined ? {} : { proof }) };
    await assert.rejects(
      enroll(again),
      (error: Error) =>
        is('denied')(error) && error.message.includes(pinned) && /--ca-key/.test(error.message),
    );
    assert.equal(proofs(), sent);
  }
  assert.deepEqual(await loadProfile(options.directory), first);
});

test('the pin is of the key, so that a renewed root certificate passes', async (t) => {
  const options = await request(t);
  const first = await enroll(options);
  await cluster.authority.renew();
  const second = await enroll({ ...options, replace: true });
  assert.notEqual(second.caPem, first.caPem);
  assert.equal(second.caKeySha256, first.caKeySha256);
});

test('a key that is known beforehand is held from the first enrolment on, and may replace the pin', async (t) => {
  const options = await request(t);
  const right = caKeySha256(cluster.authority.certificatePem);
  const wrong = 'AB'.repeat(32);
  await assert.rejects(enroll({ ...options, caKeySha256: wrong }), is('denied'));
  await enroll({ ...options, caKeySha256: right.toLowerCase().replace(/..(?!$)/g, '$&:') });
  await writeFile(
    join(options.directory, 'profile.json'),
    (await readFile(join(options.directory, 'profile.json'), 'utf8')).replace(right, wrong),
  );
  await assert.rejects(enroll({ ...options, replace: true }), is('denied'));
  const replaced = await enroll({ ...options, replace: true, caKeySha256: right });
  assert.equal(replaced.caKeySha256, right);
  await assert.rejects(enroll({ ...options, replace: true, caKeySha256: 'AB' }), is('usage'));
});

test('a profile of before pins were kept counts as pinned to its root CA', async (t) => {
  const options = await request(t);
  const first = await enroll(options);
  const path = join(options.directory, 'profile.json');
  const { caKeySha256: _, ...older } = JSON.parse(await readFile(path, 'utf8'));
  await writeFile(path, JSON.stringify(older));
  assert.deepEqual(await loadProfile(options.directory), first);
  await anotherRoot(t);
  await assert.rejects(enroll({ ...options, replace: true }), is('denied'));
});
