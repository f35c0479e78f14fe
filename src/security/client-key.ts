/** Which public keys a caller may have made himself. It issues nothing. */
import { createPublicKey } from 'node:crypto';
import { sameBytes } from '@openkma/protocol';

const MODULUS_BITS_MIN = 2048;
/** Larger ones cost every handshake dear and their certificates outgrow the wire. */
const MODULUS_BITS_MAX = 4096;

/** RSA of 2048 to 4096 bits, the usual exponent, exactly one DER structure (SubjectPublicKeyInfo). */
export function isUsableClientKey(spki: Uint8Array): boolean {
  try {
    const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
    const { modulusLength = 0, publicExponent } = key.asymmetricKeyDetails ?? {};
    const strong = modulusLength >= MODULUS_BITS_MIN && modulusLength <= MODULUS_BITS_MAX;
    if (key.asymmetricKeyType !== 'rsa' || !strong || publicExponent !== 65_537n) return false;
    return sameBytes(key.export({ type: 'spki', format: 'der' }), spki);
  } catch {
    return false;
  }
}
