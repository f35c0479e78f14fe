/** Enrolment over the legacy proof: who gets a certificate, and that every refusal looks alike. */
import assert from 'node:assert/strict';
import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto';
import { before, test } from 'node:test';
import { deriveSecret, proof } from '@openkma/protocol';
import { removed, set } from '../../core/facts.ts';
import type { AgentId, ObjectId } from '../../core/ids.ts';
import { isRefusal } from '../../core/refusal.ts';
import type { Row } from '../../core/tables.ts';
import { SecretBytes } from '../../security/secret-bytes.ts';
import { AgentWorld } from './agent-world.fixture.ts';
import { LEGACY_ITERATIONS, retrieveLocalClock, retrieveRootCaCertificate } from './ca.ts';
import { pairKey, retrieveEntityCertificate } from './certificate.ts';

const NAME = 'drive-1';
let secret: Buffer;
before(async () => {
  secret = await deriveSecret(Buffer.from('Secret-123'), 40_000);
});

async function worldWithAgent(cells: Partial<Row<'agent'>> = {}) {
  const world = new AgentWorld();
  await world.foundCa();
  const agent = world.agent(NAME, [], { ...cells, legacySecretObjectId: sealedSecret(world) });
  return { world, agent };
}

function sealedSecret(world: AgentWorld): ObjectId {
  const object = world.seal('legacy-secret', NAME, new SecretBytes(Buffer.from(secret)));
  world.objects.set(object.id, object);
  return object.id;
}

/** The request of an agent that knows this secret. */
async function request(world: AgentWorld, known: Uint8Array = secret, entityId = NAME) {
  const { rootCaCertificate, clientAuthenticationChallenge } = await world.given(retrieveRootCaCertificate, {
    entityId,
  });
  const caPem = Buffer.from(rootCaCertificate).toString();
  return {
    entityId,
    clientAuthenticationResponse: proof(known, caPem, clientAuthenticationChallenge),
    serverAuthenticationChallenge: randomBytes(20),
  };
}

test('gives an agent that proves its passphrase a certificate, its key, and the proof of the KMA', async () => {
  const { world, agent } = await worldWithAgent();
  const asked = await request(world);
  const { output, decision } = await world.accepted(retrieveEntityCertificate, asked);
  const certificate = new X509Certificate(output.certificate);
  const pem = Buffer.from(output.wrappedPrivateKeyMaterial).toString();
  assert.match(pem, /^-----BEGIN RSA PRIVATE KEY-----\n/);
  assert.ok(certificate.checkPrivateKey(createPrivateKey(pem)));
  assert.match(certificate.subject, /CN=drive-1/);
  const caPem = world.state.get('certificate_authority', 'root')?.certificatePem ?? '';
  assert.deepEqual(
    output.serverAuthenticationResponse,
    proof(secret, caPem, asked.serverAuthenticationChallenge),
  );
  const fingerprint = certificate.fingerprint256.replaceAll(':', '');
  const row = world.state.get('agent_certificate', fingerprint);
  assert.deepEqual([row?.agentId, row?.proof, row?.revokedStamp], [agent, 'legacy', null]);
  assert.equal(world.state.get('agent', agent)?.enrolled, 1);
  assert.doesNotMatch(JSON.stringify(decision), /PRIVATE KEY/);
});

test('a one-time passphrase is spent with the first certificate, another is not', async () => {
  const once = await worldWithAgent();
  await once.world.given(retrieveEntityCertificate, await request(once.world));
  const again = await request(once.world);
  assert.equal(await once.world.refused(retrieveEntityCertificate, again), 'AUTHENTICATION_FAILED');
  const often = await worldWithAgent({ oneTimePassphrase: 0 });
  for (let i = 0; i < 2; i++)
    assert.equal(
      await often.world.refused(retrieveEntityCertificate, await request(often.world)),
      'accepted',
    );
});

test('refuses every obstacle alike and keeps the reason for the audit', async () => {
  const obstacles: readonly (readonly [string, (world: AgentWorld, agent: AgentId) => void, RegExp])[] = [
    ['disabled', (world, id) => world.commit([set('agent', id, { enabled: 0 })]), /disabled/],
    ['removed', (world, id) => world.commit([removed('agent', id)]), /no such agent/],
    ['modern only', (world, id) => world.commit([set('agent', id, { modernOnly: 1 })]), /modern/],
    ['too many failures', (world, id) => world.commit([set('agent', id, { proofDisabled: 1 })]), /failures/],
    ['spent', (world, id) => world.commit([set('agent', id, { enrolled: 1 })]), /spent/],
    [
      'spent, and then proven too often or void after a loss',
      (world, id) => world.commit([set('agent', id, { enrolled: 1, proofDisabled: 1 })]),
      /: the passphrase is spent: it was good for one enrolment$/,
    ],
    [
      'no passphrase',
      (world, id) => world.commit([set('agent', id, { legacySecretObjectId: null })]),
      /no such/,
    ],
  ];
  for (const [name, put, reason] of obstacles) {
    const { world, agent } = await worldWithAgent();
    put(world, agent);
    const refusal = await world.call(retrieveEntityCertificate, await request(world));
    assert.ok(isRefusal(refusal), name);
    assert.equal(refusal.refused, 'AUTHENTICATION_FAILED', name);
    assert.match(refusal.detail ?? '', reason);
    assert.equal(world.state.page('agent_certificate', '', 10).length, 0);
  }
});

test('refuses a wrong passphrase and an unknown name', async () => {
  const { world } = await worldWithAgent();
  const wrong = await request(world, randomBytes(20));
  assert.equal(await world.refused(retrieveEntityCertificate, wrong), 'AUTHENTICATION_FAILED');
  const unknown = await request(world, secret, 'nobody');
  assert.equal(await world.refused(retrieveEntityCertificate, unknown), 'AUTHENTICATION_FAILED');
});

test('a challenge is good for its entity only, and for two to three minutes', async () => {
  const { world } = await worldWithAgent();
  world.agent('drive-2', [], { legacySecretObjectId: sealedSecret(world) });
  const other = { ...(await request(world, secret, 'drive-2')), entityId: NAME };
  assert.equal(await world.refused(retrieveEntityCertificate, other), 'AUTHENTICATION_FAILED');
  const asked = await request(world);
  world.nowMs += 180_000;
  assert.equal(await world.refused(retrieveEntityCertificate, asked), 'AUTHENTICATION_FAILED');
  const slow = await request(world);
  world.nowMs += 119_000;
  assert.equal(await world.refused(retrieveEntityCertificate, slow), 'accepted');
});

test('a passphrase set while the certificate was being made voids the proof', async () => {
  const { world, agent } = await worldWithAgent();
  const asked = await request(world);
  const takeKeyPair = world.tools().takeKeyPair;
  const tools = world.tools();
  world.tools = () => ({
    ...tools,
    async takeKeyPair() {
      world.commit([set('agent', agent, { legacySecretObjectId: 'FF'.repeat(16) as ObjectId })]);
      return takeKeyPair();
    },
  });
  assert.equal(await world.refused(retrieveEntityCertificate, asked), 'AUTHENTICATION_FAILED');
});

test('refuses proofs and challenges of another length as invalid parameters', async () => {
  const { world } = await worldWithAgent();
  const asked = await request(world);
  for (const bad of [
    { ...asked, clientAuthenticationResponse: randomBytes(19) },
    { ...asked, serverAuthenticationChallenge: randomBytes(21) },
    { ...asked, entityId: 'x'.repeat(65) },
  ]) {
    assert.equal(await world.refused(retrieveEntityCertificate, bad), 'AGENT_INVALID_PARAMETERS');
    assert.equal(pairKey(bad), null);
  }
});

test('the identical request has the identical key, another one has not', async () => {
  const { world } = await worldWithAgent();
  const asked = await request(world);
  const copy = { ...asked, serverAuthenticationChallenge: Buffer.from(asked.serverAuthenticationChallenge) };
  assert.deepEqual(pairKey(copy), pairKey(asked));
  assert.equal(pairKey(asked)?.entityId, NAME);
  for (const other of [
    { ...asked, entityId: 'drive-2' },
    { ...asked, clientAuthenticationResponse: randomBytes(20) },
    { ...asked, serverAuthenticationChallenge: randomBytes(20) },
  ])
    assert.notEqual(pairKey(other)?.key, pairKey(asked)?.key);
});

test('the answer on port 3331 does not tell whether a name exists', async () => {
  const { world, agent } = await worldWithAgent();
  world.commit([set('agent', agent, { legacyIterations: LEGACY_ITERATIONS })]);
  const ask = (entityId: string) => world.given(retrieveRootCaCertificate, { entityId });
  const [known, unknown, again] = [await ask(NAME), await ask('nobody'), await ask('nobody')];
  assert.deepEqual(known.rootCaCertificate, unknown.rootCaCertificate);
  assert.equal(known.authenticationHashIterationCount, unknown.authenticationHashIterationCount);
  assert.equal(unknown.clientAuthenticationChallenge.length, 20);
  assert.deepEqual(unknown, again);
  assert.notDeepEqual(known.clientAuthenticationChallenge, unknown.clientAuthenticationChallenge);
});

test('gives the count that the agent’s passphrase was stretched with, and works while locked', async () => {
  const { world, agent } = await worldWithAgent();
  world.commit([set('agent', agent, { legacyIterations: 40_000 })]);
  world.unlocked = false;
  const reply = await world.given(retrieveRootCaCertificate, { entityId: NAME });
  assert.equal(reply.authenticationHashIterationCount, 40_000);
  assert.deepEqual(await world.given(retrieveLocalClock, { entityId: NAME }), { currentTime: world.nowMs });
});

test('without a root CA certificate the CA service fails instead of answering nothing', async () => {
  const world = new AgentWorld();
  await assert.rejects(world.call(retrieveRootCaCertificate, { entityId: NAME }), /no root CA/);
});
