/** The cluster's root CA and the certificates it issues to agents and KMAs. It keeps no key: the CA's is in memory while it signs. */
import 'reflect-metadata';
import {
  createPublicKey,
  KeyObject,
  X509Certificate as NodeCertificate,
  randomBytes,
  webcrypto,
} from 'node:crypto';
import { sameBytes } from '@openkma/protocol';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Name,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';
import type { Fingerprint } from '../core/ids.ts';
import { assertRsaPair, makeSound } from './pair-check.ts';
import { SecretBytes } from './secret-bytes.ts';

export type CaDigest = 'SHA-1' | 'SHA-256';
export type CertificateKind = 'agent' | 'kma';

export interface CaKey {
  readonly certificatePem: string;
  /** PKCS#8 DER. */
  readonly privateKey: SecretBytes;
  readonly digest: CaDigest;
}
export interface CertificateRequest {
  readonly ca: CaKey;
  readonly kind: CertificateKind;
  readonly name: string;
  /** SubjectPublicKeyInfo in DER. */
  readonly publicKey: Uint8Array;
  readonly nowMs: number;
}
export interface IssuedCertificate {
  /** Canonical PEM (protocol 4.2). */
  readonly pem: string;
  readonly fingerprint: Fingerprint;
  readonly serial: string;
  readonly notAfterMs: number;
}

const RSA = 'RSASSA-PKCS1-v1_5';
const MODULUS_BITS = 2048;
/** Larger ones cost every handshake dear and their certificates outgrow the wire. */
const CLIENT_MODULUS_BITS_MAX = 4096;
const ROOT_YEARS = 49;
/** KMAs renew theirs by themselves; agents keep theirs for good (D7). */
const YEARS = { agent: 49, kma: 2 } as const;
const USAGES = {
  agent: [ExtendedKeyUsage.clientAuth],
  kma: [ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth],
} as const;
/** Tolerates callers whose clocks are behind. */
const BACKDATED_MS = 24 * 60 * 60 * 1000;
const SERIAL_BYTES = 16;

/** Self-signed RSA 2048, O=Oracle OU=KMS CN=RootCA as agents know it. */
export async function createRootCa(request: {
  readonly digest: CaDigest;
  readonly nowMs: number;
}): Promise<{ readonly certificatePem: string; readonly privateKey: SecretBytes }> {
  const algorithm = { name: RSA, hash: request.digest };
  const keys = await makeSound(() => newCaKeys(algorithm));
  const subject = subjectOf('RootCA');
  const certificate = await X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject,
    issuer: subject,
    notBefore: new Date(wholeSeconds(request.nowMs - BACKDATED_MS)),
    notAfter: new Date(yearsAfter(request.nowMs, ROOT_YEARS)),
    publicKey: keys.publicKey,
    signingKey: keys.privateKey,
    signingAlgorithm: algorithm,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const privateKey = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return {
    certificatePem: new NodeCertificate(new Uint8Array(certificate.rawData)).toString(),
    privateKey: new SecretBytes(new Uint8Array(privateKey)),
  };
}

async function newCaKeys(algorithm: { name: string; hash: string }): Promise<webcrypto.CryptoKeyPair> {
  const keys = await webcrypto.subtle.generateKey(
    { ...algorithm, modulusLength: MODULUS_BITS, publicExponent: Uint8Array.of(1, 0, 1) },
    true,
    ['sign', 'verify'],
  );
  assertRsaPair(KeyObject.from(keys.publicKey), KeyObject.from(keys.privateKey));
  return keys;
}

/** Issued by the root itself, since agents store one CA certificate only (protocol 1.2); never outlives the root. */
export async function issueCertificate(request: CertificateRequest): Promise<IssuedCertificate> {
  assertRsa(request.publicKey);
  const root = new NodeCertificate(request.ca.certificatePem);
  const algorithm = { name: RSA, hash: request.ca.digest };
  const signingKey = await webcrypto.subtle.importKey(
    'pkcs8',
    request.ca.privateKey.reveal(),
    algorithm,
    false,
    ['sign'],
  );
  const notAfterMs = Math.min(yearsAfter(request.nowMs, YEARS[request.kind]), root.validToDate.getTime());
  const certificate = await X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: subjectOf(request.name),
    issuer: subjectOf('RootCA'),
    notBefore: new Date(wholeSeconds(request.nowMs - BACKDATED_MS)),
    notAfter: new Date(notAfterMs),
    publicKey: await importPublic(request.publicKey),
    signingKey,
    signingAlgorithm: algorithm,
    extensions: await leafExtensions(request, root),
  });
  const issued = new NodeCertificate(new Uint8Array(certificate.rawData));
  if (!issued.checkIssued(root) || !issued.verify(root.publicKey))
    throw new Error('the CA key does not belong to the CA certificate');
  return {
    pem: issued.toString(),
    fingerprint: issued.fingerprint256.replaceAll(':', '') as Fingerprint,
    serial: issued.serialNumber,
    notAfterMs,
  };
}

/** The authority is named by key, not by serial number, so that leaves verify under a renewed root too (D7). */
async function leafExtensions(request: CertificateRequest, root: NodeCertificate): Promise<Extension[]> {
  const rootKey = await importPublic(root.publicKey.export({ type: 'spki', format: 'der' }));
  return [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment, true),
    new ExtendedKeyUsageExtension([...USAGES[request.kind]]),
    await SubjectKeyIdentifierExtension.create(await importPublic(request.publicKey)),
    await AuthorityKeyIdentifierExtension.create(rootKey),
  ];
}

/** As JSON, so that no character of a name is taken for syntax. */
function subjectOf(commonName: string): Name {
  return new Name([
    { O: [{ utf8String: 'Oracle' }] },
    { OU: [{ utf8String: 'KMS' }] },
    { CN: [{ utf8String: commonName }] },
  ]);
}

function importPublic(spki: Uint8Array): Promise<webcrypto.CryptoKey> {
  return webcrypto.subtle.importKey('spki', spki, { name: RSA, hash: 'SHA-256' }, true, ['verify']);
}

/** AES256-SHA is RSA key transport (protocol 1.2), so only RSA will do. */
function assertRsa(spki: Uint8Array): void {
  const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (key.asymmetricKeyType !== 'rsa' || bits < MODULUS_BITS)
    throw new Error('only RSA keys of 2048 bits or more');
}

/** A public key that a caller made himself: RSA of 2048 to 4096 bits, the usual exponent, exactly one DER structure. */
export function isUsableClientKey(spki: Uint8Array): boolean {
  try {
    const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
    const { modulusLength = 0, publicExponent } = key.asymmetricKeyDetails ?? {};
    const strong = modulusLength >= MODULUS_BITS && modulusLength <= CLIENT_MODULUS_BITS_MAX;
    if (key.asymmetricKeyType !== 'rsa' || !strong || publicExponent !== 65_537n) return false;
    return sameBytes(key.export({ type: 'spki', format: 'der' }), spki);
  } catch {
    return false;
  }
}

/** Random, positive and of one length: the top bits are 01. */
function newSerial(): string {
  const serial = randomBytes(SERIAL_BYTES);
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
  return serial.toString('hex');
}

/** Certificates know no parts of a second. */
function wholeSeconds(timeMs: number): number {
  return Math.floor(timeMs / 1000) * 1000;
}

function yearsAfter(timeMs: number, years: number): number {
  const date = new Date(wholeSeconds(timeMs));
  date.setUTCFullYear(date.getUTCFullYear() + years);
  return date.getTime();
}
