/** A KMA's proof of its own passphrase at a member (docs/proof.md): for the key that it made it gets the certificate it is known by. The passphrase is not sent. */
import { X509Certificate } from 'node:crypto';
import { provePassphrase } from '@openkma/agent';
import { canonicalPem } from '@openkma/protocol';
import { OpenKmaError } from '../errors.ts';
import { clientError } from './failure.ts';
import { type Place, proofPlace } from './log-in.ts';

export interface KmaProof {
  readonly place: Place;
  readonly kmaName: string;
  readonly passphrase: string;
  /** SubjectPublicKeyInfo in DER. */
  readonly publicKey: Uint8Array;
  readonly timeoutMs: number;
}
export interface EnrolledKma {
  readonly caPem: string;
  readonly certificatePem: string;
}

export async function enrolledKma({
  place,
  kmaName,
  passphrase: text,
  publicKey,
  timeoutMs,
}: KmaProof): Promise<EnrolledKma> {
  const passphrase = Buffer.from(text);
  try {
    const proof = {
      ...proofPlace(place, timeoutMs),
      entityId: kmaName.normalize('NFC'),
      passphrase,
      pinnedCaKey: place.caKeySha256,
      clientPublicKey: publicKey,
    };
    const { reply, caPem } = await provePassphrase('EnrolKma', proof, (common) => ({
      ...common,
      clientPublicKey: publicKey,
    }));
    const certificatePem = canonicalPem(Buffer.from(reply.certificate).toString('latin1'));
    assertOurs(caPem, certificatePem, publicKey);
    return { caPem, certificatePem };
  } catch (error) {
    throw clientError(error);
  } finally {
    passphrase.fill(0);
  }
}

function assertOurs(caPem: string, certificatePem: string, publicKey: Uint8Array): void {
  const certificate = new X509Certificate(certificatePem);
  const key = certificate.publicKey.export({ type: 'spki', format: 'der' });
  if (!key.equals(publicKey) || !certificate.verify(new X509Certificate(caPem).publicKey))
    throw new OpenKmaError(
      'KMA_NOT_TRUSTED',
      'the certificate that came is not of this key and this root CA',
    );
}
