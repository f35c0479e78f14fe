/** Certificates and keys that people load: read where they are sound, with a reason and without a secret where they are not. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import * as fc from 'fast-check';
import { TestAuthority } from '../../test/support/test-authority.ts';
import { readCertificates, readClient } from './pem-credentials.ts';
import { SecretBytes } from './secret-bytes.ts';

const folder = mkdtempSync(join(tmpdir(), 'openkma-pem-'));
after(() => rmSync(folder, { recursive: true }));
const authority = new TestAuthority(join(folder, 'ca'));
const client = authority.issue('kma-1', ['DNS:kma-1']);
const other = authority.issue('kma-2', []);
const nowMs = Date.now();
const YEAR_MS = 365 * 24 * 60 * 60 * 1000;
const keyOf = (pem: string) => SecretBytes.fromText(pem);

function loaded<T>(read: T | string): T {
  assert.notEqual(typeof read, 'string', String(read));
  return read as T;
}

test('certificates are told of, and kept without what stands around them', () => {
  const read = loaded(
    readCertificates(
      `Bag Attributes\n  friendlyName: x\n${authority.pem}\n# end\n${client.certificatePem}`,
      nowMs,
    ),
  );
  assert.deepEqual(
    read.about.map(({ subject }) => subject),
    ['CN=test authority ca', 'CN=kma-1'],
  );
  assert.match(read.about[1]?.sha256 ?? '', /^[0-9A-F]{64}$/);
  assert.match(read.pem, /^-----BEGIN[^#]*END CERTIFICATE-----\n$/);
});

test('a client has a certificate with its own key', () => {
  const read = loaded(readClient(client.certificatePem, keyOf(client.keyPem), nowMs));
  assert.match(read.keyPem, /^-----BEGIN PRIVATE KEY-----/);
  assert.equal(read.about[0]?.subject, 'CN=kma-1');
});

const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
const locked = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
  ...{ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'under-a-passphrase' },
});
for (const [what, certificatePem, keyPem, why] of [
  ['no certificate', 'nothing', client.keyPem, /no certificate in PEM/],
  [
    'a certificate that is none',
    '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
    client.keyPem,
    /cannot be read/,
  ],
  [
    'a key that is none',
    client.certificatePem,
    '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n',
    /no private key/,
  ],
  ["another one's key", client.certificatePem, other.keyPem, /not that of the first certificate/],
  ['a weak key', client.certificatePem, weak.export({ type: 'pkcs8', format: 'pem' }).toString(), /2048/],
  ['a key under a passphrase', client.certificatePem, locked.toString(), /under a passphrase/],
] as const)
  test(`${what} is refused with a reason that holds nothing of the key`, () => {
    const read = readClient(certificatePem, keyOf(keyPem), nowMs);
    assert.equal(typeof read, 'string');
    assert.match(String(read), why);
    for (const line of keyPem.split('\n').filter((text) => text.length > 8 && !text.startsWith('-----')))
      assert.ok(!String(read).includes(line));
  });

test('what has expired is refused by name', () => {
  assert.equal(
    readCertificates(client.certificatePem, nowMs + YEAR_MS),
    'the certificate of CN=kma-1 has expired',
  );
});

test('more certificates than anybody needs are refused', () => {
  assert.match(String(readCertificates(client.certificatePem.repeat(17), nowMs)), /more than 16/);
});

test('whatever is given, it is read or refused', () => {
  const piece = fc.constantFrom(
    '-----BEGIN CERTIFICATE-----',
    '-----END CERTIFICATE-----',
    '\n',
    'AAAA',
    client.certificatePem,
    '-',
    client.keyPem,
  );
  const text = fc.oneof(
    fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join('')),
    fc.string(),
  );
  fc.assert(
    fc.property(text, text, (certificatePem, keyPem) => {
      const read = readClient(certificatePem, keyOf(keyPem), nowMs);
      if (typeof read === 'string') assert.ok(read.length < 400);
    }),
  );
});
