/** Attackers between okm-agent and a KMA, a KMA that joins, and a restored KMA, with the modern proof (docs/proof.md). */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { type EnrollOptions, enroll } from '@openkma/agent';
import { TestAuthority } from '../agent/test/test-authority.ts';
import { created, set } from '../src/core/facts.ts';
import type { IncarnationId, KmaId } from '../src/core/ids.ts';
import { isRefusal } from '../src/core/refusal.ts';
import { nextHlc, stampOf } from '../src/core/stamp.ts';
import { memberKeySha256 } from '../src/operations/cluster/member-key.ts';
import { openStore } from '../src/store/store.ts';
import { faultOf } from './support/fault.ts';
import { AGENT_PASSPHRASE, OFFICER, OPERATOR, QUORUM, TestKma } from './support/kma.ts';
import { type Interception, type ManInTheMiddle, standBetween } from './support/man-in-the-middle.ts';
import { beginProof, exchange, newProofKey } from './support/modern-proof.ts';
import { faultOf as faultIn, fieldsOf } from './support/raw-agent.ts';
import { filesOf, restoreFrom, wake, withStore } from './support/restoring.ts';

let kma: TestKma;
before(async () => {
  kma = await TestKma.start();
});
after(() => kma[Symbol.asyncDispose]());

const createAgent = (agent: string) =>
  kma.ask('CreateAgent', { agent, passphrase: AGENT_PASSPHRASE, oneTimePassphrase: false }, OPERATOR);

function requestOf(agentId: string, ports: EnrollOptions['ports'], more: Partial<EnrollOptions> = {}) {
  return {
    directory: kma.profile(agentId),
    agentId,
    address: '127.0.0.1',
    passphrase: Buffer.from(AGENT_PASSPHRASE),
    ...(ports === undefined ? {} : { ports }),
    ...more,
  };
}

async function attack(t: TestContext, interception: Interception): Promise<ManInTheMiddle> {
  const attacker = await standBetween(kma.ports, interception);
  t.after(() => attacker.close());
  return attacker;
}
/** The worst of all fronts for a client: the KMA's own certificate and key. */
const stolenKey = () => ({
  cert: kma.serverCertificatePem(),
  key: readFileSync(join(kma.data, 'local', 'tls-key.pem'), 'utf8'),
});
/** An answer with the number in this element exchanged. */
const withNumber = (element: string, value: number) => (xml: string) =>
  xml.replace(new RegExp(`<${element}>\\d+<`), `<${element}>${value}<`);

test('a relay with the stolen TLS key of the KMA itself gets nothing: its connection is another', async (t) => {
  await createAgent('relayed');
  const attacker = await attack(t, { tls: stolenKey() });
  const options = requestOf('relayed', attacker.ports);
  assert.equal(await faultOf(enroll(options)), 1002);
  assert.equal(attacker.seen.length, 1, 'it saw the proof');
  assert.ok(!existsSync(options.directory));
  assert.ok(await enroll(requestOf('relayed', kma.ports)));
});

test('a root CA certificate exchanged on 3331 is found out, at the KMA and by the pin', async (t) => {
  await createAgent('misled');
  const other = await TestAuthority.create();
  const { certificatePem, privateKeyPem } = await other.issue('KMA', 'server');
  const pem = Buffer.from(new X509Certificate(other.certificatePem).toString()).toString('hex').toUpperCase();
  const attacker = await attack(t, {
    tls: { cert: certificatePem, key: privateKeyPem },
    rewrite: (xml) => xml.replace(/<RootCACertificate>[^<]*</, `<RootCACertificate>${pem}<`),
  });
  const options = requestOf('misled', attacker.ports);
  assert.equal(await faultOf(enroll(options)), 1002, 'the KMA did not give this root');
  assert.ok(!existsSync(options.directory));
  const enrolled = await enroll(requestOf('misled', kma.ports));
  const seen = attacker.seen.length;
  await assert.rejects(enroll({ ...options, replace: true }), /another key than the one pinned/);
  const known = requestOf('misled-2', attacker.ports, {
    agentId: 'misled',
    caKeySha256: enrolled.caKeySha256,
  });
  await assert.rejects(enroll(known), /another key than the one pinned/);
  assert.equal(attacker.seen.length, seen, 'nothing was proven to the attacker');
});

test('costs lowered or raised on 3331 are refused by the client; changed within bounds, by the KMA', async (t) => {
  await createAgent('cheap');
  for (const [element, value] of [
    ['MemoryKiB', 8],
    ['Passes', 1],
    ['MemoryKiB', 2 ** 31 - 1],
  ] as const) {
    const attacker = await attack(t, { tls: stolenKey(), rewrite: withNumber(element, value) });
    await assert.rejects(enroll(requestOf('cheap', attacker.ports)), /cost of the passphrase proof/);
    assert.equal(attacker.seen.length, 0);
  }
  const attacker = await standBetween(kma.ports, { tls: stolenKey(), rewrite: withNumber('Passes', 3) });
  t.after(() => attacker.close());
  const direct = { ...attacker.ports, certificate: kma.ports.certificate };
  assert.equal(await faultOf(enroll(requestOf('cheap', direct))), 1002);
});

/** The entry of another KMA, as creating one will write it. */
async function addKma(name: string): Promise<KmaId> {
  const id = 'D'.repeat(32) as KmaId;
  await kma.stop();
  const store = openStore({ path: join(kma.data, 'kma.db'), mode: 'write' });
  const [incarnation] = store.state.page('incarnation', '', 1);
  assert.ok(incarnation !== undefined);
  const incarnationId = incarnation.id as IncarnationId;
  const stamp = stampOf(nextHlc(store.lastStamp(), Date.now()), incarnationId);
  store.transaction(() =>
    store.appendEntry(incarnationId, {
      v: 1,
      stamp,
      operation: 'Test',
      facts: [created('kma', id, { name, createdAt: Date.now(), number: 2 }), set('kma', id, { enabled: 1 })],
    }),
  );
  store.close();
  await kma.resume();
  return id;
}

test('a KMA gets its server certificate for the passphrase that a quorum set, once', async () => {
  const id = await addKma('kma-2');
  const passphrase = 'Joins-the-others-1';
  const input = { kma: 'kma-2', passphrase };
  assert.deepEqual(await kma.answer('SetKmaPassphrase', input, OFFICER), { refused: 'QUORUM_NOT_MET' });
  assert.equal(faultIn((await exchange(kma.ports, 'kma', 'kma-2', passphrase)).answer2), 1002);
  await kma.ask('SetKmaPassphrase', input, OFFICER, QUORUM);
  const key = newProofKey();
  const done = await exchange(kma.ports, 'kma', 'kma-2', passphrase, { key });
  const certificate = new X509Certificate(fieldsOf(done.answer2).certificate);
  assert.ok(certificate.verify(new X509Certificate(done.caPem).publicKey));
  assert.deepEqual(certificate.publicKey.export({ type: 'spki', format: 'der' }), key.spki);
  const pem = () => withStore(kma.data, ({ state }) => state.get('kma', id)?.certificatePem);
  assert.equal(pem(), certificate.toString());
  assert.equal(faultIn((await exchange(kma.ports, 'kma', 'kma-2', passphrase)).answer2), 1002, 'spent');
  await kma.ask('SetKmaPassphrase', input, OFFICER, QUORUM);
  const counting = withStore(kma.data, ({ state }) => memberKeySha256(state.get('kma', id)));
  assert.equal(counting, '', 'logged out until it proves the new one');
  const itself = await kma.answer('SetKmaPassphrase', { kma: 'kma-test', passphrase }, OFFICER, QUORUM);
  assert.ok(isRefusal(itself) && itself.refused === 'INVALID_PARAMETERS');
});

test('guesses at the passphrase of a KMA disable it', async () => {
  const passphrase = 'Joins-the-others-2';
  await kma.ask('SetKmaPassphrase', { kma: 'kma-2', passphrase }, OFFICER, QUORUM);
  for (let i = 0; i < 5; i++)
    assert.equal(faultIn((await exchange(kma.ports, 'kma', 'kma-2', 'Not-the-one-9')).answer2), 1002);
  assert.equal(faultIn((await exchange(kma.ports, 'kma', 'kma-2', passphrase)).answer2), 1002);
  await kma.ask('SetKmaPassphrase', { kma: 'kma-2', passphrase }, OFFICER, QUORUM);
  fieldsOf((await exchange(kma.ports, 'kma', 'kma-2', passphrase)).answer2);
});

test('salts, of decoys too, are the same after a restore, and a user logs in there', async () => {
  const names = ['nobody', 'Ünbekannt', OFFICER.name];
  const salts = (at: TestKma) =>
    Promise.all(
      names.map(async (name) =>
        Buffer.from((await beginProof(at.ports, 'user', name)).first.salt).toString('hex'),
      ),
    );
  const before = await salts(kma);
  const backup = await kma.backup();
  await kma.stop();
  const data = join(kma.folder, 'restored');
  assert.ok(!isRefusal(await restoreFrom(filesOf(backup), data)));
  const restored = await wake(data, kma.folder);
  try {
    assert.deepEqual(await salts(restored), before);
    fieldsOf((await exchange(restored.ports, 'user', OFFICER.name, OFFICER.passphrase)).answer2);
  } finally {
    await restored.stop();
  }
});
