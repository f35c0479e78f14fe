/** A certificate authority for tests: a root, and certificates of KMAs and agents directly under it. */
import 'reflect-metadata';
import { type webcrypto as crypto, randomBytes, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

x509.cryptoProvider.set(webcrypto as typeof globalThis.crypto);

const ALGORITHM = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
} as const;
const DAY_MS = 86_400_000;
const ROOT_DAYS = 365;
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';

export interface Issued {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

export class TestAuthority {
  certificatePem: string;
  readonly #keys: CryptoKeyPair;
  #root: x509.X509Certificate;

  private constructor(keys: CryptoKeyPair, root: x509.X509Certificate) {
    this.#keys = keys;
    this.#root = root;
    this.certificatePem = pemOf(root);
  }

  static async create(name = 'RootCA'): Promise<TestAuthority> {
    const keys = await generate();
    return new TestAuthority(keys, await selfSigned(name, keys));
  }

  /** The same key under a new certificate, as after "renew root". */
  async renew(): Promise<void> {
    this.#root = await selfSigned('RootCA', this.#keys);
    this.certificatePem = pemOf(this.#root);
  }

  /** Valid from yesterday, for so many days from now on. */
  async issue(name: string, use: 'server' | 'client', days = 1): Promise<Issued> {
    const keys = await generate();
    const certificatePem = await this.#certify(name, use, keys.publicKey, days);
    return { certificatePem, privateKeyPem: await privatePemOf(keys.privateKey) };
  }

  /** A certificate of an agent over a key pair that it made itself; `spki` is the public half in DER. */
  async certifyAgent(name: string, spki: Uint8Array): Promise<string> {
    const publicKey = await webcrypto.subtle.importKey('spki', Buffer.from(spki), ALGORITHM, true, [
      'verify',
    ]);
    return this.#certify(name, 'client', publicKey);
  }

  async #certify(
    name: string,
    use: 'server' | 'client',
    publicKey: crypto.CryptoKey,
    days = 1,
  ): Promise<string> {
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: randomBytes(8).toString('hex'),
      subject: `O=Oracle, OU=KMS, CN=${name}`,
      issuer: this.#root.subject,
      ...validity(days),
      publicKey,
      signingKey: this.#keys.privateKey,
      signingAlgorithm: ALGORITHM,
      extensions: [new x509.ExtendedKeyUsageExtension([use === 'server' ? SERVER_AUTH : CLIENT_AUTH])],
    });
    return pemOf(certificate);
  }
}

type CryptoKeyPair = crypto.CryptoKeyPair;

function selfSigned(name: string, keys: CryptoKeyPair): Promise<x509.X509Certificate> {
  return x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: randomBytes(8).toString('hex'),
    name: `O=Oracle, OU=KMS, CN=${name}`,
    ...validity(ROOT_DAYS),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
  });
}

async function generate(): Promise<CryptoKeyPair> {
  return await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

function validity(days: number): { notBefore: Date; notAfter: Date } {
  const nowMs = Date.now();
  const [fromMs, toMs] = [nowMs + Math.min(-1, days - 1) * DAY_MS, nowMs + days * DAY_MS];
  return { notBefore: new Date(fromMs), notAfter: new Date(toMs) };
}

function pemOf(certificate: x509.X509Certificate): string {
  return `${certificate.toString('pem').trim()}\n`;
}

async function privatePemOf(key: crypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key)).toString('base64');
  return `-----BEGIN PRIVATE KEY-----\n${der.replace(/.{64}/g, '$&\n').trim()}\n-----END PRIVATE KEY-----\n`;
}
