/** Saved certificates: what is signed, whose they are, who sees and revokes them, and when they stop to count. */
import 'reflect-metadata';
import assert from 'node:assert/strict';
import { webcrypto, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { publicKeySha256 } from '@openkma/protocol';
import { Pkcs10CertificateRequestGenerator } from '@peculiar/x509';
import { created, set } from '../../core/facts.ts';
import { toHex, type UserId } from '../../core/ids.ts';
import { settingFact } from '../../core/settings.ts';
import { certificateUser } from '../../core/user-certificate.ts';
import { readCertificateRequest } from '../../security/certificate-request.ts';
import type { Caller } from '../operation.ts';
import { DAY_MS, World } from '../world.fixture.ts';
import { certificateAuthority } from '../world-authority.fixture.ts';
import { issueMonitoringCertificate, saveOwnCertificate } from './issue.ts';
import { listUserCertificates, revokeUserCertificate } from './saved.ts';

type Algorithm = webcrypto.RsaHashedKeyGenParams | (webcrypto.EcKeyGenParams & { readonly hash: string });

const EC: Algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

async function requestOf(name: string, algorithm: Algorithm = EC): Promise<string> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: `CN=${name}`,
    keys: keys as webcrypto.CryptoKeyPair,
    signingAlgorithm: algorithm,
  });
  return request.toString('pem');
}

/** A world with its root CA, and a user of each name; the first is a Security Officer. */
async function worldOf(...names: string[]) {
  const world = new World();
  const { certificatePem } = await certificateAuthority();
  world.commit([set('certificate_authority', 'root', { certificatePem, digest: 'SHA-256' })]);
  const callers = names.map((name, i): Caller & { kind: 'user' } => {
    const id = String(i + 7).repeat(32) as UserId;
    world.commit([created('user', id, { name, createdAt: world.nowMs }), set('user', id, { enabled: 1 })]);
    return { kind: 'user', id, name, roles: i === 0 ? ['SECURITY_OFFICER'] : ['OPERATOR'] };
  });
  return { world, callers };
}
const one = async () => {
  const { world, callers } = await worldOf('boss', 'olga', 'pit');
  const [boss, olga, pit] = callers;
  assert.ok(boss && olga && pit);
  return { world, boss, olga, pit };
};

test('the CA signs the key that the user proved to have, for as long as asked, for clients only', async () => {
  const { world, olga } = await one();
  const request = await requestOf('olga');
  const asked = { request, days: 30, description: 'nightly backup' };
  const { output } = await world.did(saveOwnCertificate, asked, { caller: olga });
  const certificate = new X509Certificate(output.certificatePem);
  const root = new X509Certificate((await certificateAuthority()).certificatePem);
  assert.ok(certificate.checkIssued(root) && certificate.verify(root.publicKey));
  assert.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.2']);
  assert.match(certificate.subject, /CN=olga/);
  const lastsDays = (certificate.validToDate.getTime() - world.nowMs) / DAY_MS;
  assert.ok(lastsDays > 29.9 && lastsDays <= 30);
  const spki = certificate.publicKey.export({ type: 'spki', format: 'der' });
  assert.equal(output.key, toHex(publicKeySha256(spki)));
  const row = world.state.get('user_certificate', output.key);
  assert.deepEqual([row?.userId, row?.purpose, row?.description], [olga.id, 'full', 'nightly backup']);
});

test('no certificate lasts longer than the setting for entities', async () => {
  const { world, olga } = await one();
  const request = await requestOf('olga');
  world.commit([settingFact('entityCertificateDays', 40)]);
  const { output } = await world.did(saveOwnCertificate, { request, days: 3650 }, { caller: olga });
  assert.ok(Date.parse(output.notAfter) <= world.nowMs + 40 * DAY_MS);
});

test('RSA, P-384 and P-256 keys are signed, others are not', async () => {
  const rsa = (modulusLength: number): Algorithm => ({
    name: 'RSASSA-PKCS1-v1_5',
    modulusLength,
    publicExponent: Uint8Array.of(1, 0, 1),
    hash: 'SHA-256',
  });
  const good = [rsa(2048), { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' }, EC];
  for (const algorithm of good) {
    const { world, olga } = await one();
    await world.did(saveOwnCertificate, { request: await requestOf('olga', algorithm) }, { caller: olga });
  }
  const { world, olga } = await one();
  for (const algorithm of [rsa(1024), { name: 'ECDSA', namedCurve: 'P-521', hash: 'SHA-512' }]) {
    const request = await requestOf('olga', algorithm);
    const code = await world.refusal(saveOwnCertificate, { request }, { caller: olga });
    assert.equal(code, 'CERTIFICATE_REQUEST_INVALID');
  }
});

test("another's request, a changed one and no request at all are refused", async () => {
  const { world, olga, pit } = await one();
  const request = await requestOf('olga');
  assert.equal(
    await world.refusal(saveOwnCertificate, { request }, { caller: pit }),
    'CERTIFICATE_REQUEST_INVALID',
  );
  const der = Buffer.from(request.replaceAll(/-----[^-]+-----/g, ''), 'base64');
  der[der.length - 3] = (der.at(-3) ?? 0) ^ 1;
  const changed = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`;
  assert.equal(await readCertificateRequest(changed), null);
  const nonsense = request.replace(/\nM/, '\nZ');
  for (const bad of [changed, nonsense])
    assert.equal(
      await world.refusal(saveOwnCertificate, { request: bad }, { caller: olga }),
      'CERTIFICATE_REQUEST_INVALID',
    );
  assert.equal(
    await world.refusal(saveOwnCertificate, { request: 'nothing' }, { caller: olga }),
    'INVALID_PARAMETERS',
  );
});

test('a key has one certificate for ever, also after it was revoked', async () => {
  const { world, olga } = await one();
  const request = await requestOf('olga');
  const { output } = await world.did(saveOwnCertificate, { request }, { caller: olga });
  assert.equal(
    await world.refusal(saveOwnCertificate, { request }, { caller: olga }),
    'CERTIFICATE_KEY_TAKEN',
  );
  await world.did(revokeUserCertificate, { key: output.key }, { caller: olga });
  assert.equal(
    await world.refusal(saveOwnCertificate, { request }, { caller: olga }),
    'CERTIFICATE_KEY_TAKEN',
  );
});

test('a user sees and revokes his own, a Security Officer those of all; of others nobody learns', async () => {
  const { world, boss, olga, pit } = await one();
  const { output: hers } = await world.did(
    saveOwnCertificate,
    { request: await requestOf('olga') },
    { caller: olga },
  );
  const { output: watch } = await world.did(
    issueMonitoringCertificate,
    { request: await requestOf('boss') },
    { caller: boss },
  );
  const seen = async (caller: Caller, ended = false) =>
    (await world.did(listUserCertificates, { ended }, { caller })).output.rows.map(
      ({ user, purpose, state }) => `${user} ${purpose} ${state}`,
    );
  assert.deepEqual(await seen(olga), ['olga full good']);
  assert.deepEqual(await seen(pit), []);
  assert.deepEqual(await seen(boss), ['boss monitoring good', 'olga full good']);
  for (const key of [hers.key, watch.key, 'A'.repeat(64)])
    assert.equal(
      await world.refusal(revokeUserCertificate, { key }, { caller: pit }),
      'CERTIFICATE_DOES_NOT_EXIST',
    );
  await world.did(revokeUserCertificate, { key: hers.key }, { caller: boss });
  assert.equal(world.state.get('user_certificate', hers.key)?.revokedBy, boss.id);
  assert.deepEqual(await seen(olga), []);
  assert.deepEqual(await seen(olga, true), ['olga full revoked']);
});

test('a certificate counts until its end, not while its user is disabled, and again when he is enabled', async () => {
  const { world, olga } = await one();
  const { output } = await world.did(
    saveOwnCertificate,
    { request: await requestOf('olga'), days: 10 },
    { caller: olga },
  );
  const counts = (nowMs = world.nowMs) => {
    const row = world.state.get('user_certificate', output.key);
    assert.ok(row);
    return certificateUser(world.state, row, nowMs)?.name ?? null;
  };
  assert.equal(counts(), 'olga');
  assert.equal(counts(Date.parse(output.notAfter)), null);
  world.commit([set('user', olga.id, { enabled: 0 })]);
  assert.equal(counts(), null);
  const rows = await world.rows(listUserCertificates, { ended: true }, { caller: olga });
  assert.equal(rows[0]?.state, 'stopped');
  world.commit([set('user', olga.id, { enabled: 1 })]);
  assert.equal(counts(), 'olga');
});

test('a user has a bounded number that count; revoked and expired ones make room', async () => {
  const { world, olga } = await one();
  const certificate = { userId: olga.id, purpose: 'full', description: '', serial: '40' } as const;
  const days = (count: number) => ({ createdAt: world.nowMs, notAfter: world.nowMs + count * DAY_MS });
  const key = (i: number) => i.toString(16).toUpperCase().padStart(64, '0');
  for (let i = 0; i < 64; i++)
    world.commit([created('user_certificate', key(i), { ...certificate, ...days(i === 0 ? 1 : 100) })]);
  const save = async () =>
    world.refusal(saveOwnCertificate, { request: await requestOf('olga') }, { caller: olga });
  assert.equal(await save(), 'TOO_MANY_CERTIFICATES');
  await world.did(revokeUserCertificate, { key: key(1) }, { caller: olga });
  assert.equal(await save(), 'accepted');
  assert.equal(await save(), 'TOO_MANY_CERTIFICATES');
  world.nowMs += 2 * DAY_MS;
  assert.equal(await save(), 'accepted');
});
