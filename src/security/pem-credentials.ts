/** Reads certificates and a private key that people load as PEM, and says what is wrong with them. It keeps none, and no key ever stands in what it says. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { isManagerKey } from '../core/manager-key.ts';
import type { SecretBytes } from './secret-bytes.ts';

export interface LoadedCertificate {
  /** Of the names in it, one a line in the certificate, here with ", " between them. */
  readonly subject: string;
  /** Of the whole certificate, upper-case hex. */
  readonly sha256: string;
  readonly notAfterMs: number;
}

export interface LoadedCertificates {
  /** The certificates alone, without what may stand around them. */
  readonly pem: string;
  readonly about: readonly LoadedCertificate[];
}

export interface LoadedClient extends LoadedCertificates {
  /** PKCS#8. */
  readonly keyPem: string;
}

const CERTIFICATES_MAX = 16;
const BLOCK = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;
const SUBJECT_CHARACTERS_MAX = 256;

/** Text where they cannot be used. */
export function readCertificates(pem: string, nowMs: number): LoadedCertificates | string {
  const blocks = pem.match(BLOCK) ?? [];
  if (blocks.length === 0) return 'there is no certificate in PEM';
  if (blocks.length > CERTIFICATES_MAX) return `there are more than ${CERTIFICATES_MAX} certificates`;
  const about: LoadedCertificate[] = [];
  for (const block of blocks) {
    const certificate = parsed(block);
    if (certificate === null) return 'a certificate cannot be read';
    if (certificate.validToDate.getTime() <= nowMs)
      return `the certificate of ${subjectOf(certificate)} has expired`;
    about.push({
      subject: subjectOf(certificate),
      sha256: certificate.fingerprint256.replaceAll(':', ''),
      notAfterMs: certificate.validToDate.getTime(),
    });
  }
  return { pem: `${blocks.join('\n')}\n`, about };
}

/** A certificate, perhaps with those between it and its CA, and the key of the first. Text where they cannot be used. */
export function readClient(pem: string, key: SecretBytes, nowMs: number): LoadedClient | string {
  const certificates = readCertificates(pem, nowMs);
  if (typeof certificates === 'string') return certificates;
  const [first] = pem.match(BLOCK) ?? [];
  const privateKey = privateKeyIn(key);
  if (typeof privateKey === 'string') return privateKey;
  if (!isManagerKey(privateKey))
    return 'the key is neither RSA of 2048 to 4096 bits nor EC P-256, P-384 or Ed25519';
  if (parsed(first ?? '')?.checkPrivateKey(privateKey) !== true)
    return 'the key is not that of the first certificate';
  return { ...certificates, keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

function privateKeyIn(key: SecretBytes): KeyObject | string {
  const text = key.reveal().toString('latin1');
  if (/ENCRYPTED/.test(text)) return 'the key is under a passphrase: load it without, and destroy that file';
  try {
    return createPrivateKey({ key: key.reveal(), format: 'pem' });
  } catch {
    return 'there is no private key in PEM that can be read';
  }
}

function parsed(pem: string): X509Certificate | null {
  try {
    return new X509Certificate(pem);
  } catch {
    return null;
  }
}

function subjectOf({ subject }: X509Certificate): string {
  return (subject ?? '').replaceAll('\n', ', ').slice(0, SUBJECT_CHARACTERS_MAX);
}
