/** AES-256-GCM with a random nonce: the one place that encrypts under a symmetric key. It knows no format and keeps no key. */
import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from 'node:crypto';
import { SecretBytes } from './secret-bytes.ts';

export const AEAD_KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** What encryption adds to the length of the plaintext. */
export const AEAD_OVERHEAD_BYTES = NONCE_BYTES + TAG_BYTES;

/** nonce, ciphertext, tag. Keys go in as key objects: for plain bytes Node looks for one first, which costs more than to encrypt. */
export function encrypt(key: SecretBytes, associated: string, plaintext: SecretBytes): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', createSecretKey(key.reveal()), nonce, {
    authTagLength: TAG_BYTES,
  });
  cipher.setAAD(Buffer.from(associated, 'utf8'));
  return Buffer.concat([nonce, cipher.update(plaintext.reveal()), cipher.final(), cipher.getAuthTag()]);
}

/** Null where key, associated data or ciphertext do not belong together. */
export function decrypt(key: SecretBytes, associated: string, encrypted: Uint8Array): SecretBytes | null {
  if (key.length !== AEAD_KEY_BYTES || encrypted.length < AEAD_OVERHEAD_BYTES) return null;
  const tagStart = encrypted.length - TAG_BYTES;
  const nonce = encrypted.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', createSecretKey(key.reveal()), nonce, {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(Buffer.from(associated, 'utf8'));
  decipher.setAuthTag(encrypted.subarray(tagStart));
  const unproven = decipher.update(encrypted.subarray(NONCE_BYTES, tagStart));
  try {
    decipher.final();
  } catch {
    unproven.fill(0);
    return null;
  }
  return new SecretBytes(unproven);
}
