/** Passphrase proofs across a renewal of the root CA: what was begun under the root before is finished, for as long as its challenge is good. */
import assert from 'node:assert/strict';
import { randomBytes, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { deriveSecret, proof } from '@openkma/protocol';
import { set } from '../../core/facts.ts';
import { SecretBytes } from '../../security/secret-bytes.ts';
import { retrieveRootCaCertificate } from '../agent/ca.ts';
import { retrieveEntityCertificate } from '../agent/certificate.ts';
import { renewRootCa } from '../root-ca.ts';
import { enrolAgent } from './certify.ts';
import { logInUser } from './log-in-user.ts';
import { CLIENT_KEY, ProofWorld } from './proof-world.fixture.ts';

const NAME = 'drive-1';
const secret = await deriveSecret(Buffer.from('Secret-123'), 40_000);

async function world(): Promise<ProofWorld> {
  const it = await ProofWorld.create();
  const { pem } = await it.tools().issueCertificate({ kind: 'kma', name: 'kma-1', publicKey: CLIENT_KEY });
  it.commit([set('kma', it.self.kmaId, { certificatePem: pem })]);
  return it;
}
const renew = (it: ProofWorld) => it.did(renewRootCa, {});
const rootPem = (it: ProofWorld) => it.state.get('certificate_authority', 'root')?.certificatePem ?? '';

/** The second message of the legacy proof, made under the root that is served now. */
async function legacyRequest(it: ProofWorld) {
  const { rootCaCertificate, clientAuthenticationChallenge } = await it.given(retrieveRootCaCertificate, {
    entityId: NAME,
  });
  const caPem = Buffer.from(rootCaCertificate).toString();
  return {
    entityId: NAME,
    clientAuthenticationResponse: proof(secret, caPem, clientAuthenticationChallenge),
    serverAuthenticationChallenge: randomBytes(20),
  };
}
function legacyAgent(it: ProofWorld): void {
  const object = it.seal('legacy-secret', NAME, new SecretBytes(Buffer.from(secret)));
  it.objects.set(object.id, object);
  it.agent(NAME, [], { legacySecretObjectId: object.id });
}

test('a legacy proof begun before a renewal is finished after it, and the KMA answers for the root that was shown', async () => {
  const it = await world();
  legacyAgent(it);
  const shown = rootPem(it);
  const request = await legacyRequest(it);
  await renew(it);
  assert.notEqual(rootPem(it), shown);
  const { serverAuthenticationResponse, certificate } = await it.given(retrieveEntityCertificate, request);
  assert.deepEqual(
    serverAuthenticationResponse,
    proof(secret, shown, request.serverAuthenticationChallenge),
    'an agent that was shown the old root knows no other',
  );
  assert.ok(new X509Certificate(certificate).checkIssued(new X509Certificate(shown)));
});

test('a legacy proof is made under the root that is served, and one under the root before only for a challenge of then', async () => {
  const it = await world();
  legacyAgent(it);
  const before = rootPem(it);
  await renew(it);
  const { clientAuthenticationChallenge } = await it.given(retrieveRootCaCertificate, { entityId: NAME });
  const mixed = {
    entityId: NAME,
    clientAuthenticationResponse: proof(secret, before, clientAuthenticationChallenge),
    serverAuthenticationChallenge: randomBytes(20),
  };
  assert.equal(await it.refused(retrieveEntityCertificate, mixed), 'AUTHENTICATION_FAILED');
  assert.equal(await it.refused(retrieveEntityCertificate, await legacyRequest(it)), 'accepted');
});

test('root and challenge of an answer go together, also where the renewal comes before its commit', async () => {
  const it = await world();
  legacyAgent(it);
  const tools = it.tools();
  it.tools = () => ({
    ...tools,
    challenge(entity, shown) {
      const challenge = tools.challenge(entity, shown);
      it.commit([set('certificate_authority', 'root', { certificatePem: 'another' })]);
      return challenge;
    },
  });
  const shown = rootPem(it);
  const { rootCaCertificate } = await it.given(retrieveRootCaCertificate, { entityId: NAME });
  assert.equal(Buffer.from(rootCaCertificate).toString(), shown);
});

test('modern proofs begun before a renewal are finished after it, with the signature that the client waits for', async () => {
  const it = await world();
  await it.entity('agent', NAME);
  await it.entity('user', NAME);
  const agent = await it.certified('agent', NAME);
  const user = await it.loggedIn(NAME);
  await renew(it);
  assert.ok(agent.answer.accepts((await it.given(enrolAgent, agent.fields)).serverSignature));
  assert.ok(user.answer.accepts((await it.given(logInUser, user.fields)).serverSignature));
});

test('after three minutes, and after a second renewal, a proof begun before the first is refused', async () => {
  for (const between of [
    async (it: ProofWorld) => {
      it.nowMs += 180_000;
    },
    renew,
  ]) {
    const it = await world();
    await it.entity('user', NAME);
    const { fields } = await it.loggedIn(NAME);
    await renew(it);
    await between(it);
    assert.equal(await it.refused(logInUser, fields), 'AUTHENTICATION_FAILED');
    const again = await it.loggedIn(NAME);
    assert.equal(await it.refused(logInUser, again.fields), 'accepted');
  }
});
