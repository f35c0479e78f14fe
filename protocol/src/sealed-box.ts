/** Encrypts to an X25519 public key what only the holder of its private half may read (docs/proof.md, 11). It keeps no key and knows no format of what is inside. */
import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  hkdfSync,
  randomBytes,
} from 'node:crypto';

export const BOX_KEY_BYTES = 32;
const VERSION = 1;
const LABEL = 'OpenKMA sealed box 1';
const TAG_BYTES = 16;
const CIPHER_KEY_BYTES = 32;
const CIPHER_NONCE_BYTES = 12;
/** What sealing adds: version, one-time public key, tag. */
export const BOX_OVERHEAD_BYTES = 1 + BOX_KEY_BYTES + TAG_BYTES;
/** PKCS#8 and SubjectPublicKeyInfo of X25519 keys (RFC 8410) up to their 32 bytes. */
const PRIVATE_HEAD = Buffer.from('302e020100300506032b656e04220420', 'hex');
const PUBLIC_HEAD = Buffer.from('302a300506032b656e032100', 'hex');

/** `associated` is what the box is for: it opens with the same only. `oneTimePrivateKey` is given by vectors alone. */
export function sealBox(
  publicKey: Uint8Array,
  associated: Uint8Array,
  plaintext: Uint8Array,
  oneTimePrivateKey: Uint8Array = randomBytes(BOX_KEY_BYTES),
): Buffer {
  const oneTimePublicKey = x25519PublicKey(oneTimePrivateKey);
  const { key, nonce } = agree(oneTimePrivateKey, publicKey, oneTimePublicKey, publicKey);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(associated);
  const sealed = [cipher.update(plaintext), cipher.final(), cipher.getAuthTag()];
  key.fill(0);
  return Buffer.concat([Buffer.of(VERSION), oneTimePublicKey, ...sealed]);
}

/** Null where private key, purpose and box do not belong together. The caller wipes what he gets. */
export function openBox(privateKey: Uint8Array, associated: Uint8Array, box: Uint8Array): Buffer | null {
  if (box.length < BOX_OVERHEAD_BYTES || box[0] !== VERSION) return null;
  const oneTimePublicKey = box.subarray(1, 1 + BOX_KEY_BYTES);
  const tagStart = box.length - TAG_BYTES;
  try {
    const { key, nonce } = agree(privateKey, oneTimePublicKey, oneTimePublicKey, x25519PublicKey(privateKey));
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
    key.fill(0);
    decipher.setAAD(associated);
    decipher.setAuthTag(box.subarray(tagStart));
    const unproven = decipher.update(box.subarray(1 + BOX_KEY_BYTES, tagStart));
    try {
      decipher.final();
      return unproven;
    } catch {
      unproven.fill(0);
      return null;
    }
  } catch {
    // OpenSSL throws for a point of low order (RFC 7748, 6.1).
    return null;
  }
}

export function x25519PublicKey(privateKey: Uint8Array): Buffer {
  const key = createPublicKey(privateKeyOf(privateKey));
  return key.export({ type: 'spki', format: 'der' }).subarray(-BOX_KEY_BYTES);
}

/** Both public keys go into the derivation, as HPKE has it (RFC 9180, 4.1). Each one-time key encrypts once, so the nonce is derived too. */
function agree(
  privateKey: Uint8Array,
  otherPublicKey: Uint8Array,
  oneTimePublicKey: Uint8Array,
  recipientPublicKey: Uint8Array,
): { key: Buffer; nonce: Buffer } {
  const other = Buffer.concat([PUBLIC_HEAD, otherPublicKey]);
  const shared = diffieHellman({
    privateKey: privateKeyOf(privateKey),
    publicKey: createPublicKey({ key: other, format: 'der', type: 'spki' }),
  });
  const salt = Buffer.concat([oneTimePublicKey, recipientPublicKey]);
  const derived = Buffer.from(hkdfSync('sha256', shared, salt, LABEL, CIPHER_KEY_BYTES + CIPHER_NONCE_BYTES));
  shared.fill(0);
  return { key: derived.subarray(0, CIPHER_KEY_BYTES), nonce: derived.subarray(CIPHER_KEY_BYTES) };
}

function privateKeyOf(bytes: Uint8Array) {
  const pkcs8 = Buffer.concat([PRIVATE_HEAD, bytes]);
  const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
  pkcs8.fill(0);
  return key;
}
