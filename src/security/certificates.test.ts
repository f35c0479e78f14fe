/** Holds issued certificates to what agents and OpenSSL accept, with the openssl command as the judge. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createPrivateKey, createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  type CaDigest,
  createRootCa,
  isDueForRenewal,
  issueCertificate,
  renewRootCa,
} from './certificates.ts';
import { sha256Hex } from './sealing.ts';

const NOW_MS = Date.UTC(2026, 10, 23, 12, 34, 56, 789);
const DAY_MS = 24 * 60 * 60 * 1000;
/** 49 years. */
const DAYS = 17_897;
const directory = mkdtempSync(join(tmpdir(), 'openkma-certificates-'));
after(() => rmSync(directory, { recursive: true }));

const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
const publicKey = pair.publicKey.export({ type: 'spki', format: 'der' });
const caOf = async (digest: CaDigest, nowMs = NOW_MS) => ({
  ...(await createRootCa({ digest, nowMs, days: DAYS })),
  digest,
});
const [sha256, sha1] = [await caOf('SHA-256'), await caOf('SHA-1')];
const issue = (
  kind: 'agent' | 'kma',
  name: string,
  change: { ca?: typeof sha256; nowMs?: number; days?: number } = {},
) => issueCertificate({ ca: sha256, kind, name, publicKey, nowMs: NOW_MS, days: DAYS, ...change });

function fileOf(name: string, pem: string): string {
  const path = join(directory, name);
  writeFileSync(path, pem);
  return path;
}
/** What the openssl command says of a certificate under a root, at a time, for a purpose. */
function opensslVerifies(rootPem: string, pem: string, purpose: string, atMs = NOW_MS): boolean {
  const root = fileOf('root.pem', rootPem);
  const leaf = fileOf('leaf.pem', pem);
  const time = ['-attime', `${Math.floor(atMs / 1000)}`];
  const level = ['-auth_level', '0', '-x509_strict', '-check_ss_sig'];
  const result = spawnSync('openssl', [
    'verify',
    ...level,
    ...time,
    '-purpose',
    purpose,
    '-CAfile',
    root,
    leaf,
  ]);
  return result.status === 0;
}
const opensslText = (pem: string) =>
  execFileSync('openssl', ['x509', '-noout', '-text', '-in', fileOf('text.pem', pem)]).toString();

for (const ca of [sha256, sha1]) {
  test(`makes a ${ca.digest} root that the openssl command accepts for servers and clients`, async () => {
    const agent = await issue('agent', 'agent1', { ca });
    const kma = await issue('kma', 'kma1', { ca });
    assert.ok(opensslVerifies(ca.certificatePem, agent.pem, 'sslclient'));
    assert.ok(opensslVerifies(ca.certificatePem, kma.pem, 'sslserver'));
    assert.ok(opensslVerifies(ca.certificatePem, kma.pem, 'sslclient'));
    const algorithm = ca.digest === 'SHA-1' ? /sha1WithRSA/ : /sha256WithRSA/;
    for (const pem of [ca.certificatePem, agent.pem, kma.pem]) assert.match(opensslText(pem), algorithm);
  });
}

test('an agent certificate does not serve as a server', async () => {
  const agent = await issue('agent', 'agent1');
  assert.ok(!opensslVerifies(sha256.certificatePem, agent.pem, 'sslserver'));
});

test('a leaf is no CA, and is not accepted under another root', async () => {
  const kma = await issue('kma', 'kma1');
  assert.equal(new X509Certificate(kma.pem).ca, false);
  assert.ok(!opensslVerifies(sha1.certificatePem, kma.pem, 'sslserver'));
});

test('the root is X.509 v3, CA, RSA 2048, O=Oracle OU=KMS CN=RootCA', () => {
  const root = new X509Certificate(sha256.certificatePem);
  assert.equal(root.subject, 'O=Oracle\nOU=KMS\nCN=RootCA');
  assert.equal(root.issuer, root.subject);
  assert.equal(root.ca, true);
  assert.equal(root.publicKey.asymmetricKeyDetails?.modulusLength, 2048);
  const text = opensslText(sha256.certificatePem);
  assert.match(text, /Version: 3/);
  assert.match(text, /Basic Constraints: critical\s+CA:TRUE\n/);
  assert.match(text, /Key Usage: critical\s+Certificate Sign, CRL Sign\n/);
});

test('the root lasts 49 years, past 2050, from 24 hours ago', async () => {
  const root = new X509Certificate(sha256.certificatePem);
  assert.equal(root.validFromDate.toISOString(), '2026-11-22T12:34:56.000Z');
  assert.equal(root.validToDate.toISOString(), '2075-11-23T12:34:56.000Z');
  const agent = await issue('agent', 'agent1');
  assert.ok(opensslVerifies(sha256.certificatePem, agent.pem, 'sslclient', Date.UTC(2075, 10, 22)));
  assert.ok(!opensslVerifies(sha256.certificatePem, agent.pem, 'sslclient', Date.UTC(2075, 10, 24)));
});

test('an agent lasts 49 years and a KMA 2, both from 24 hours ago', async () => {
  const agent = await issue('agent', 'agent1');
  const kma = await issue('kma', 'kma1');
  const validity = [agent, kma].map(({ pem }) => new X509Certificate(pem));
  assert.deepEqual(
    validity.map((certificate) => certificate.validToDate.toISOString()),
    ['2075-11-23T12:34:56.000Z', '2028-11-23T12:34:56.000Z'],
  );
  for (const certificate of validity)
    assert.equal(certificate.validFromDate.getTime(), Math.floor((NOW_MS - DAY_MS) / 1000) * 1000);
  assert.equal(agent.notAfterMs, Date.UTC(2075, 10, 23, 12, 34, 56));
  assert.equal(kma.notAfterMs, validity[1]?.validToDate.getTime());
});

test('no certificate outlives the root', async () => {
  const rootEndMs = new X509Certificate(sha256.certificatePem).validToDate.getTime();
  const late = await issue('agent', 'agent1', { nowMs: NOW_MS + 10 * 365 * DAY_MS });
  assert.equal(late.notAfterMs, rootEndMs);
  const lateKma = await issue('kma', 'kma1', { nowMs: rootEndMs - 30 * DAY_MS });
  assert.equal(lateKma.notAfterMs, rootEndMs);
});

test('usages: digital signature and key encipherment, client for agents, server and client for KMAs', async () => {
  const usage = /Key Usage: critical\s+Digital Signature, Key Encipherment\n/;
  const agent = opensslText((await issue('agent', 'agent1')).pem);
  const kma = opensslText((await issue('kma', 'kma1')).pem);
  assert.match(agent, usage);
  assert.match(kma, usage);
  assert.match(agent, /Extended Key Usage: *\n\s+TLS Web Client Authentication\n/);
  assert.match(
    kma,
    /Extended Key Usage: *\n\s+TLS Web Server Authentication, TLS Web Client Authentication\n/,
  );
});

test('reports fingerprint, serial number and public key of the certificate itself', async () => {
  const issued = await issue('agent', 'agent1');
  const certificate = new X509Certificate(issued.pem);
  assert.equal(issued.fingerprint, sha256Hex(certificate.raw));
  assert.equal(issued.serial, certificate.serialNumber);
  assert.match(issued.serial, /^[4-7][0-9A-F]{31}$/);
  assert.notEqual(issued.serial, (await issue('agent', 'agent1')).serial);
  assert.deepEqual(certificate.publicKey.export({ type: 'spki', format: 'der' }), publicKey);
});

test('writes canonical PEM: lines of 64, one final newline, below 4096 bytes', async () => {
  for (const pem of [sha256.certificatePem, (await issue('agent', 'a'.repeat(64))).pem]) {
    assert.match(
      pem,
      /^-----BEGIN CERTIFICATE-----\n([A-Za-z0-9+/]{64}\n)*[A-Za-z0-9+/=]{1,64}\n-----END CERTIFICATE-----\n$/,
    );
    const rewritten = execFileSync('openssl', ['x509', '-in', fileOf('canonical.pem', pem)]).toString();
    assert.equal(pem, rewritten);
    assert.ok(pem.length < 4096);
  }
});

test('takes every character of a name as part of the name', async () => {
  for (const name of [
    'agent,CN=other',
    'a+b=c',
    '#0500',
    ' blank ',
    '"quoted\\',
    '\u00e4gent \u{1f600}',
    'O=Oracle/CN=x',
  ]) {
    const { pem } = await issue('agent', name);
    const subject = new X509Certificate(pem).toLegacyObject().subject;
    assert.deepEqual({ ...subject }, { O: 'Oracle', OU: 'KMS', CN: name });
  }
});

const LATER_MS = NOW_MS + 2000 * DAY_MS;
const DIGESTS = ['SHA-256', 'SHA-1'] as const;
for (const from of DIGESTS)
  for (const to of DIGESTS)
    test(`a root renewed from ${from} to ${to} has the same key and name, and leaves of each verify under both`, async () => {
      const before = from === 'SHA-256' ? sha256 : sha1;
      const request = { digest: to, nowMs: LATER_MS, days: DAYS };
      const certificatePem = await renewRootCa(before, request);
      const [old, renewed] = [
        new X509Certificate(before.certificatePem),
        new X509Certificate(certificatePem),
      ];
      assert.ok(renewed.publicKey.equals(old.publicKey));
      assert.equal(renewed.subject, old.subject);
      assert.notEqual(renewed.serialNumber, old.serialNumber);
      assert.match(opensslText(certificatePem), to === 'SHA-1' ? /sha1WithRSA/ : /sha256WithRSA/);
      assert.equal(keyIdentifier(certificatePem), keyIdentifier(before.certificatePem));
      const ca = { ...before, certificatePem, digest: to };
      const leaves = [
        await issue('agent', 'a', { ca: before }),
        await issue('agent', 'b', { ca, nowMs: LATER_MS }),
      ];
      for (const root of [before.certificatePem, certificatePem])
        for (const { pem } of leaves) assert.ok(opensslVerifies(root, pem, 'sslclient', LATER_MS));
    });

const keyIdentifier = (pem: string) =>
  /Subject Key Identifier: *\n\s+([0-9A-F:]{59})\n/.exec(opensslText(pem))?.[1];

test('a renewed root begins 24 hours ago and lasts so many days, and never ends before the one it renews', async () => {
  const endOf = async (days: number) => {
    const pem = await renewRootCa(sha256, { digest: 'SHA-256', nowMs: LATER_MS, days });
    assert.equal(new X509Certificate(pem).validFromDate.getTime(), wholeSeconds(LATER_MS - DAY_MS));
    return new X509Certificate(pem).validToDate.getTime();
  };
  assert.equal(await endOf(20_000), wholeSeconds(LATER_MS) + 20_000 * DAY_MS);
  assert.equal(await endOf(30), new X509Certificate(sha256.certificatePem).validToDate.getTime());
});

const wholeSeconds = (ms: number) => Math.floor(ms / 1000) * 1000;

test("a root is not renewed with a key that is not the root's", async () => {
  const mixed = { ...sha256, privateKey: sha1.privateKey };
  const request = { digest: 'SHA-256', nowMs: NOW_MS, days: DAYS } as const;
  await assert.rejects(renewRootCa(mixed, request), /does not belong/);
});

test('a certificate lasts no longer than so many days', async () => {
  for (const kind of ['agent', 'kma'] as const) {
    const { notAfterMs } = await issue(kind, 'short', { days: 30 });
    assert.equal(notAfterMs, wholeSeconds(NOW_MS) + 30 * DAY_MS);
  }
});

test('a certificate is due 60 days before its end, a short one in the last third of its life', async () => {
  const long = await issue('kma', 'long');
  const due = (at: typeof long, daysLeft: number) =>
    isDueForRenewal(at.pem, sha256.certificatePem, at.notAfterMs - daysLeft * DAY_MS);
  assert.deepEqual([due(long, 61), due(long, 59)], [false, true]);
  const short = await issue('kma', 'short', { days: 30 });
  assert.deepEqual([due(short, 11), due(short, 10)], [false, true]);
});

test('a certificate that ends with the root is not due: the next one would end no later', async () => {
  const root = new X509Certificate(sha256.certificatePem).validToDate.getTime();
  const last = await issue('kma', 'last', { nowMs: root - 10 * DAY_MS });
  assert.equal(last.notAfterMs, root);
  for (const nowMs of [root - DAY_MS, root + DAY_MS])
    assert.ok(!isDueForRenewal(last.pem, sha256.certificatePem, nowMs));
});

test('the CA key is PKCS#8 and belongs to the root', () => {
  const key = { key: sha256.privateKey.reveal(), format: 'der', type: 'pkcs8' } as const;
  const root = new X509Certificate(sha256.certificatePem);
  assert.deepEqual(
    createPublicKey(createPrivateKey(key)).export({ type: 'spki', format: 'der' }),
    root.publicKey.export({ type: 'spki', format: 'der' }),
  );
});

test("refuses to sign with a key that is not the root's", async () => {
  const mixed = { ...sha256, privateKey: sha1.privateKey };
  await assert.rejects(issue('agent', 'agent1', { ca: mixed }), /does not belong/);
});

test('refuses keys that are too short or not RSA', async () => {
  const short = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey;
  const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;
  for (const key of [short, curve]) {
    const request = { ca: sha256, kind: 'agent', name: 'a', nowMs: NOW_MS, days: DAYS } as const;
    await assert.rejects(
      issueCertificate({ ...request, publicKey: key.export({ type: 'spki', format: 'der' }) }),
      /RSA/,
    );
  }
});
