/** The cluster's root CA and the certificates it issues to agents and KMAs. It keeps no key: the CA's is in memory while it signs. */
import 'reflect-metadata';
import {
  createPublicKey,
  KeyObject,
  X509Certificate as NodeCertificate,
  randomBytes,
  webcrypto,
} from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Name,
  PublicKey,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';
import type { Fingerprint } from '../core/ids.ts';
import { assertRsaPair, makeSound } from './pair-check.ts';
import { SecretBytes } from './secret-bytes.ts';

export type CaDigest = 'SHA-1' | 'SHA-256';
export type CertificateKind = 'agent' | 'kma' | 'user';

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
  /** How long it lasts at most. */
  readonly days: number;
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
/** KMAs renew theirs by themselves; agents keep theirs as long as the cluster lets them (D7). */
const KMA_YEARS = 2;
const USAGES = {
  agent: [ExtendedKeyUsage.clientAuth],
  kma: [ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth],
  user: [ExtendedKeyUsage.clientAuth],
} as const;
const DAY_MS = 24 * 60 * 60 * 1000;
/** A certificate is renewed when less than this is left. */
const NOTICE_MS = 60 * DAY_MS;
const SERIAL_BYTES = 16;

export interface RootRequest {
  readonly digest: CaDigest;
  readonly nowMs: number;
  readonly days: number;
}

/** Self-signed RSA 2048, O=Oracle OU=KMS CN=RootCA as agents know it. */
export async function createRootCa(
  request: RootRequest,
): Promise<{ readonly certificatePem: string; readonly privateKey: SecretBytes }> {
  const keys = await makeSound(() => newCaKeys({ name: RSA, hash: request.digest }));
  const certificate = await selfSigned(keys.publicKey, keys.privateKey, {
    ...request,
    notAfterMs: daysAfter(request.nowMs, request.days),
  });
  const privateKey = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return {
    certificatePem: certificate.toString(),
    privateKey: new SecretBytes(new Uint8Array(privateKey)),
  };
}

/**
 * The same key and subject with new dates and digest, so that every certificate issued verifies under either root (D7). It never
 * ends earlier than the root before, which certificates that were issued may have been counting on.
 */
export async function renewRootCa(ca: Omit<CaKey, 'digest'>, request: RootRequest): Promise<string> {
  const root = new NodeCertificate(ca.certificatePem);
  const signingKey = await importPrivate(ca.privateKey, request.digest);
  const publicKey = await importPublic(root.publicKey.export({ type: 'spki', format: 'der' }));
  const renewed = await selfSigned(publicKey, signingKey, {
    ...request,
    notAfterMs: Math.max(daysAfter(request.nowMs, request.days), root.validToDate.getTime()),
  });
  if (!renewed.verify(root.publicKey)) throw new Error('the CA key does not belong to the CA certificate');
  return renewed.toString();
}

async function selfSigned(
  publicKey: webcrypto.CryptoKey,
  signingKey: webcrypto.CryptoKey,
  request: { readonly digest: CaDigest; readonly nowMs: number; readonly notAfterMs: number },
): Promise<NodeCertificate> {
  const subject = subjectOf('RootCA');
  const certificate = await X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject,
    issuer: subject,
    notBefore: backdated(request.nowMs),
    notAfter: new Date(request.notAfterMs),
    publicKey,
    signingKey,
    signingAlgorithm: { name: RSA, hash: request.digest },
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(publicKey),
    ],
  });
  return new NodeCertificate(new Uint8Array(certificate.rawData));
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
  if (request.kind !== 'user') assertRsa(request.publicKey);
  const root = new NodeCertificate(request.ca.certificatePem);
  const notAfterMs = Math.min(
    daysAfter(request.nowMs, request.days),
    request.kind === 'kma' ? yearsAfter(request.nowMs, KMA_YEARS) : Number.POSITIVE_INFINITY,
    root.validToDate.getTime(),
  );
  const certificate = await X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: subjectOf(request.name),
    issuer: subjectOf('RootCA'),
    notBefore: backdated(request.nowMs),
    notAfter: new Date(notAfterMs),
    publicKey: new PublicKey(request.publicKey),
    signingKey: await importPrivate(request.ca.privateKey, request.ca.digest),
    signingAlgorithm: { name: RSA, hash: request.ca.digest },
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

/** Of the KMA's own certificate; one that lasts no longer than the notice would else be due from its first minute on, and so would one that ends with the root, whose successor ends no later. */
export function isDueForRenewal(pem: string, rootPem: string, nowMs: number): boolean {
  const { validFromDate, validToDate } = new NodeCertificate(pem);
  if (validToDate.getTime() >= new NodeCertificate(rootPem).validToDate.getTime()) return false;
  const lifeMs = validToDate.getTime() - validFromDate.getTime();
  return validToDate.getTime() - nowMs < Math.min(NOTICE_MS, lifeMs / 3);
}

/** The authority is named by key, not by serial number, so that leaves verify under a renewed root too (D7). */
async function leafExtensions(request: CertificateRequest, root: NodeCertificate): Promise<Extension[]> {
  const rootKey = await importPublic(root.publicKey.export({ type: 'spki', format: 'der' }));
  return [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment, true),
    new ExtendedKeyUsageExtension([...USAGES[request.kind]]),
    await SubjectKeyIdentifierExtension.create(new PublicKey(request.publicKey)),
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

function importPrivate(key: SecretBytes, hash: CaDigest): Promise<webcrypto.CryptoKey> {
  return webcrypto.subtle.importKey('pkcs8', key.reveal(), { name: RSA, hash }, false, ['sign']);
}

/** AES256-SHA is RSA key transport (protocol 1.2), so only RSA will do. */
function assertRsa(spki: Uint8Array): void {
  const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (key.asymmetricKeyType !== 'rsa' || bits < MODULUS_BITS)
    throw new Error('only RSA keys of 2048 bits or more');
}

/** Random, positive and of one length: the top bits are 01. */
function newSerial(): string {
  const serial = randomBytes(SERIAL_BYTES);
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
  return serial.toString('hex');
}

/** Tolerates callers whose clocks are behind. */
function backdated(nowMs: number): Date {
  return new Date(wholeSeconds(nowMs - DAY_MS));
}

/** Certificates know no parts of a second. */
function wholeSeconds(timeMs: number): number {
  return Math.floor(timeMs / 1000) * 1000;
}

function daysAfter(timeMs: number, days: number): number {
  return wholeSeconds(timeMs) + days * DAY_MS;
}

function yearsAfter(timeMs: number, years: number): number {
  const date = new Date(wholeSeconds(timeMs));
  date.setUTCFullYear(date.getUTCFullYear() + years);
  return date.getTime();
}
