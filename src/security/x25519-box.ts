/** Encrypts a secret to a public key: X25519 with a one-time key, HKDF-SHA256 and AES-256-GCM, as HPKE does it (RFC 9180). It knows nobody's key. */
import { createPublicKey, diffieHellman, generateKeyPairSync, hkdfSync, type KeyObject } from 'node:crypto';
import { AEAD_KEY_BYTES, decrypt, encrypt } from './aead.ts';
import { assertX25519Pair } from './pair-check.ts';
import { SecretBytes } from './secret-bytes.ts';

/** Both base64. */
export interface Box {
  /** X25519, SubjectPublicKeyInfo. */
  readonly ephemeralKey: string;
  readonly ciphertext: string;
}

export function newX25519Pair(): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  const pair = generateKeyPairSync('x25519');
  assertX25519Pair(pair.publicKey, pair.privateKey);
  return pair;
}

/** `label` tells one use from another, `context` one box from another. */
export function encryptTo(recipient: KeyObject, label: string, context: string, secret: SecretBytes): Box {
  const ephemeral = generateKeyPairSync('x25519');
  const shared = diffieHellman({ privateKey: ephemeral.privateKey, publicKey: recipient });
  const key = boxKey(shared, ephemeral.publicKey, recipient, label);
  const ciphertext = encrypt(key, context, secret);
  key.wipe();
  return {
    ephemeralKey: spki(ephemeral.publicKey).toString('base64'),
    ciphertext: ciphertext.toString('base64'),
  };
}

/** Null where private key, label, context and box do not belong together. */
export function decryptWith(
  privateKey: KeyObject,
  label: string,
  context: string,
  box: Box,
): SecretBytes | null {
  try {
    const ephemeral = fromSpki(box.ephemeralKey);
    const shared = diffieHellman({ privateKey, publicKey: ephemeral });
    const key = boxKey(shared, ephemeral, createPublicKey(privateKey), label);
    const opened = decrypt(key, context, Buffer.from(box.ciphertext, 'base64'));
    key.wipe();
    return opened;
  } catch {
    // OpenSSL throws for a damaged or low-order point (RFC 7748, 6.1).
    return null;
  }
}

/** Both public keys go into the derivation, as HPKE has it (RFC 9180, 4.1). */
function boxKey(shared: Buffer, ephemeral: KeyObject, recipient: KeyObject, label: string): SecretBytes {
  const salt = Buffer.concat([spki(ephemeral), spki(recipient)]);
  const key = hkdfSync('sha256', shared, salt, label, AEAD_KEY_BYTES);
  shared.fill(0);
  return new SecretBytes(new Uint8Array(key));
}

export function spki(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' });
}

export function fromSpki(base64: string): KeyObject {
  return createPublicKey({ key: Buffer.from(base64, 'base64'), format: 'der', type: 'spki' });
}
