/** Wraps the root key material under this machine's local unlock key (D5). It touches no file: who keeps both has an unlocked KMA. */
import { AEAD_KEY_BYTES, decrypt, encrypt } from './aead.ts';
import type { SecretBytes } from './secret-bytes.ts';

const FORMAT = 1;
const ASSOCIATED = `openkma autonomous unlock ${FORMAT}`;

export function wrapRoot(localKey: SecretBytes, rootKeyMaterial: SecretBytes): Uint8Array {
  if (localKey.length !== AEAD_KEY_BYTES) throw new Error('an unlock key has 32 bytes');
  return Buffer.concat([Uint8Array.of(FORMAT), encrypt(localKey, ASSOCIATED, rootKeyMaterial)]);
}

/** Null where key and wrapped bytes do not belong together; the KMA then starts locked. */
export function unwrapRoot(localKey: SecretBytes, wrapped: Uint8Array): SecretBytes | null {
  return wrapped[0] === FORMAT ? decrypt(localKey, ASSOCIATED, wrapped.subarray(1)) : null;
}
