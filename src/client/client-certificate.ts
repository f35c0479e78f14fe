/** The key pair of a log-in and the certificate that TLS wants around it: self-signed, since the KMA goes by the key alone (D7). It is never used twice. */
import 'reflect-metadata';
import { KeyObject, randomBytes, webcrypto, X509Certificate } from 'node:crypto';
import { Name, X509CertificateGenerator } from '@peculiar/x509';

export interface SessionKey {
  readonly privateKeyPem: string;
  readonly certificatePem: string;
  /** SubjectPublicKeyInfo in DER: what the proof is bound to. */
  readonly publicKey: Uint8Array;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const SERIAL_BYTES = 16;
const LASTS_MS = 12 * 3_600_000;
/** Tolerates a KMA whose clock is behind. */
const BACKDATED_MS = 24 * 3_600_000;

export async function makeSessionKey(nowMs: number): Promise<SessionKey> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    // No name of a person: it would travel with every connection.
    name: new Name([{ CN: [{ utf8String: 'okm' }] }]),
    notBefore: new Date(nowMs - BACKDATED_MS),
    notAfter: new Date(nowMs + LASTS_MS),
    keys,
    signingAlgorithm: ALGORITHM,
  });
  const privateKey = KeyObject.from(keys.privateKey);
  const publicKey = KeyObject.from(keys.publicKey);
  return {
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificatePem: certificate.toString('pem'),
    publicKey: publicKey.export({ type: 'spki', format: 'der' }),
  };
}

/** Of a session that is there: logging in anew with its key keeps one session. */
export function sessionKeyOf(session: Omit<SessionKey, 'publicKey'>): SessionKey {
  const { privateKeyPem, certificatePem } = session;
  const { publicKey } = new X509Certificate(certificatePem);
  return { privateKeyPem, certificatePem, publicKey: publicKey.export({ type: 'spki', format: 'der' }) };
}

/** Positive, and of one length. */
function newSerial(): string {
  const serial = randomBytes(SERIAL_BYTES);
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
  return serial.toString('hex');
}
