/** What the appliance does by itself. */
import assert from 'node:assert/strict';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { set } from '../core/facts.ts';
import { issueCertificate } from '../security/certificates.ts';
import { createAgent } from './agents.ts';
import { confirmErasures, disablePassphraseProof, renewKmaCertificate } from './appliance-upkeep.ts';
import { createUser } from './users.ts';
import { DAY_MS, World } from './world.fixture.ts';
import { certificateAuthority } from './world-authority.fixture.ts';

test('erasures are recorded for this life of the KMA', async () => {
  const world = new World();
  const objectId = 'AB'.repeat(16);
  await world.did(confirmErasures, { objectIds: [objectId] });
  const row = world.state.get('object_erasure', `${objectId}:${world.self.incarnationId}`);
  assert.equal(row?.incarnationId, world.self.incarnationId);
  assert.equal(await world.refusal(confirmErasures, { objectIds: [] }), 'INVALID_PARAMETERS');
});

test('too many failures disable the passphrase proof of an agent and of a user', async () => {
  const world = new World();
  await world.did(createAgent, { agent: 'drive', passphrase: 'Correct-Horse-1' });
  await world.did(createUser, { user: 'olga', roles: ['OPERATOR'], passphrase: 'Correct-Horse-1' });
  await world.did(disablePassphraseProof, { kind: 'agent', name: 'drive', failures: 5 });
  await world.did(disablePassphraseProof, { kind: 'user', name: 'olga', failures: 5 });
  assert.equal(world.state.page('agent', '', 1)[0]?.proofDisabled, 1);
  assert.equal(world.state.page('user', '', 9).find(({ name }) => name === 'olga')?.proofDisabled, 1);
});

test('the last usable Security Officer is never blocked', async () => {
  const world = new World();
  const failures = { kind: 'user', name: 'officer', failures: 100 };
  assert.equal(await world.refusal(disablePassphraseProof, failures), 'ONLY_SECURITY_OFFICER_DELETE');
  await world.did(createUser, { user: 'olga', roles: ['SECURITY_OFFICER'], passphrase: 'Correct-Horse-1' });
  await world.did(disablePassphraseProof, failures);
  const second = { ...failures, name: 'olga' };
  assert.equal(await world.refusal(disablePassphraseProof, second), 'ONLY_SECURITY_OFFICER_DELETE');
});

test('a name that nobody has disables nobody', async () => {
  const unknown = { kind: 'agent', name: 'ghost', failures: 5 };
  assert.equal(await new World().refusal(disablePassphraseProof, unknown), 'AGENT_DOES_NOT_EXIST');
});

test('a renewed certificate has the same key and lasts longer', async () => {
  const world = new World();
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const ca = await certificateAuthority();
  const request = { ca, kind: 'kma', name: 'kma-1', publicKey: spki, nowMs: world.nowMs } as const;
  const { pem } = await issueCertificate({ ...request, days: 1000 });
  world.commit([set('kma', world.self.kmaId, { certificatePem: pem })]);
  world.nowMs += 600 * DAY_MS;
  const { decision } = await world.did(renewKmaCertificate, {});
  const before = new X509Certificate(pem);
  const after = new X509Certificate(world.state.get('kma', world.self.kmaId)?.certificatePem ?? '');
  assert.ok(after.publicKey.equals(before.publicKey));
  assert.ok(after.validToDate > before.validToDate);
  assert.ok(after.verify(new X509Certificate(ca.certificatePem).publicKey));
  assert.deepEqual(decision?.effects, [{ effect: 'tls-changed' }]);
});
