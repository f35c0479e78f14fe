/** The key that a KMA is known by: that of the certificate that counts, none while it is logged out or gone. It proves nothing. */
import { X509Certificate } from 'node:crypto';
import { isLive } from '../../core/live.ts';
import type { Row } from '../../core/tables.ts';
import { sha256Hex } from '../../security/sealing.ts';

type MemberRow = Pick<
  Row<'kma'>,
  | 'createdStamp'
  | 'removedStamp'
  | 'enabled'
  | 'certificatePem'
  | 'certificateVerifierObjectId'
  | 'verifierObjectId'
>;

/**
 * SHA-256 of the SubjectPublicKeyInfo, upper-case hex; "" where there is none. A certificate counts only with the passphrase
 * it was proven with: a KMA that is logged out while it is cut off may renew its own afterwards.
 */
export function memberKeySha256(kma: MemberRow | undefined): string {
  if (kma === undefined || !isLive(kma) || kma.enabled !== 1 || kma.certificatePem === null) return '';
  if (kma.certificateVerifierObjectId !== kma.verifierObjectId) return '';
  return certificateKeySha256(kma.certificatePem);
}

/** Whether it counts or not; "" where there is no certificate. */
export function certificateKeySha256(pem: string | null): string {
  const certificate = pem === null ? null : readCertificate(pem);
  return certificate === null ? '' : sha256Hex(certificate.publicKey.export({ type: 'spki', format: 'der' }));
}

/** Another member may have written anything: what is no certificate is null, and ends nothing here. */
export function readCertificate(pem: string): X509Certificate | null {
  try {
    return new X509Certificate(pem);
  } catch {
    return null;
  }
}
