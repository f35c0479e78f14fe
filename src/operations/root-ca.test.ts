/** The root CA: shown as it is; renewed for the same key, with the server certificate, and not to SHA-1 where that would cut agents off. */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { caKeySha256 } from '@openkma/protocol';
import { created, set } from '../core/facts.ts';
import { isRefusal } from '../core/refusal.ts';
import { settingFact } from '../core/settings.ts';
import { createRootCa, issueCertificate } from '../security/certificates.ts';
import { CLIENT_KEY } from './proof/proof-world.fixture.ts';
import { renewRootCa, showRootCa } from './root-ca.ts';
import { DAY_MS, World } from './world.fixture.ts';
import { certificateAuthority } from './world-authority.fixture.ts';

async function founded(): Promise<World> {
  const world = new World();
  const ca = await certificateAuthority();
  const request = {
    ca,
    kind: 'kma',
    name: 'kma-1',
    publicKey: CLIENT_KEY,
    nowMs: world.nowMs,
    days: 9000,
  } as const;
  world.commit([
    created('certificate_authority', 'root', { keyObjectId: null, keyObjectSha256: 'F'.repeat(64) }),
    set('certificate_authority', 'root', { certificatePem: ca.certificatePem, digest: 'SHA-256' }),
    set('kma', world.self.kmaId, { certificatePem: (await issueCertificate(request)).pem }),
  ]);
  return world;
}
const rootOf = (world: World) => world.state.get('certificate_authority', 'root');
const kmaPem = (world: World) => world.state.get('kma', world.self.kmaId)?.certificatePem ?? '';

test('the root CA is shown as it is', async () => {
  assert.equal(await new World().refusal(showRootCa, {}), 'CORE_SECURITY_NOT_FOUND');
  const { certificatePem } = await certificateAuthority();
  const { output } = await (await founded()).did(showRootCa, {});
  assert.equal(output.certificatePem, certificatePem);
  assert.equal(output.digest, 'SHA-256');
  assert.equal(output.publicKeySha256, caKeySha256(certificatePem));
  assert.equal(output.fingerprint, new X509Certificate(certificatePem).fingerprint256.replaceAll(':', ''));
});

test('a renewed root is served from now on, for the same key; the one before stays known, and the fronts are told', async () => {
  const world = await founded();
  const before = (await world.did(showRootCa, {})).output;
  world.nowMs += 400 * DAY_MS;
  const { output, decision } = await world.did(renewRootCa, {});
  assert.deepEqual((await world.did(showRootCa, {})).output, output);
  assert.equal(output.publicKeySha256, before.publicKeySha256);
  assert.equal(output.digest, 'SHA-256');
  assert.ok(output.validFrom > before.validFrom && output.validTo > before.validTo);
  const root = rootOf(world);
  assert.equal(root?.previousCertificatePem, before.certificatePem);
  assert.ok(Math.abs((root?.renewedAt ?? 0) - world.nowMs) < 10);
  assert.equal(root?.keyObjectSha256, 'F'.repeat(64), 'what decoys hang on');
  assert.deepEqual(decision?.effects, [{ effect: 'tls-changed' }]);
  assert.equal(decision?.audit?.severity, 'success');
  assert.match(decision?.audit?.message ?? '', new RegExp(`fingerprint=${output.fingerprint}`));
});

test('the server certificate is issued anew for its own key, with the digest of the root', async () => {
  const world = await founded();
  const before = new X509Certificate(kmaPem(world));
  world.commit([set('kma', world.self.kmaId, { minimumTls: '1.0' })]);
  const { output, decision } = await world.did(renewRootCa, { digest: 'SHA-1' });
  const after = new X509Certificate(kmaPem(world));
  assert.notEqual(after.serialNumber, before.serialNumber);
  assert.ok(after.publicKey.equals(before.publicKey));
  assert.match(after.signatureAlgorithm ?? '', /sha1/i);
  assert.ok(after.checkIssued(new X509Certificate(output.certificatePem)));
  assert.equal(decision?.audit?.condition, 'SHA-1 certificates');
});

test('the root lasts as many days as the parameter says, unless the one before lasts longer', async () => {
  const world = await founded();
  const first = (await world.did(showRootCa, {})).output;
  world.commit([settingFact('rootCaDays', 30)]);
  assert.equal((await world.did(renewRootCa, {})).output.validTo, first.validTo);
  world.commit([settingFact('rootCaDays', 36_525)]);
  const { validTo } = (await world.did(renewRootCa, {})).output;
  assert.ok(Math.abs(Date.parse(validTo) - (world.nowMs + 36_525 * DAY_MS)) < 2000);
});

test('SHA-1 is refused while TLS 1.2 is demanded, unless the root is signed with it already', async () => {
  const world = await founded();
  const renewal = (digest: string) => world.refusal(renewRootCa, { digest });
  assert.equal(await renewal('SHA-1'), 'SHA1_CUTS_AGENTS_OFF');
  world.commit([set('kma', world.self.kmaId, { minimumTls: '1.1' })]);
  assert.equal(await renewal('SHA-1'), 'accepted');
  world.commit([set('kma', world.self.kmaId, { minimumTls: '1.2' })]);
  assert.equal(await renewal('SHA-1'), 'accepted');
  assert.equal(await renewal('SHA-256'), 'accepted');
  assert.equal(await renewal('SHA-1'), 'SHA1_CUTS_AGENTS_OFF');
  assert.equal(await renewal('MD5'), 'INVALID_PARAMETERS');
});

test('who renews at the same time as another is told, and renews nothing', async () => {
  const world = await founded();
  const tools = world.tools();
  const other = await createRootCa({ digest: 'SHA-256', nowMs: world.nowMs, days: 9000 });
  world.tools = () => ({
    ...tools,
    issueCertificate(request) {
      world.commit([set('certificate_authority', 'root', { certificatePem: other.certificatePem })]);
      return tools.issueCertificate(request);
    },
  });
  const refused = await world.run(renewRootCa, {});
  assert.ok(isRefusal(refused));
  assert.equal(refused.refused, 'ROOT_CA_CHANGED');
  assert.equal(rootOf(world)?.certificatePem, other.certificatePem);
});
