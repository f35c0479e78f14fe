/** AES key wrap of RFC 3394 with its default initial value, as agents expect keys (protocol 7); no padding variant. */
import { createCipheriv, createDecipheriv, createSecretKey } from 'node:crypto';

const ALGORITHM = 'id-aes256-wrap';
const INITIAL_VALUE = Buffer.alloc(8, 0xa6);
const KEK_BYTES = 32;

/** The wrapped bytes are damaged, or were wrapped under another key. */
export class KeyUnwrapError extends Error {
  constructor() {
    super('the wrapped key does not fit the key-wrapping key');
    this.name = 'KeyUnwrapError';
  }
}

/** Wraps `key` (a multiple of 8 bytes, at least 16) under a 32-byte `kek`; the result is 8 bytes longer. */
export function wrapKey(kek: Uint8Array, key: Uint8Array): Buffer {
  requireKek(kek);
  if (key.length < 16 || key.length % 8 !== 0)
    throw new RangeError('a key to wrap has 16 bytes or more, in steps of 8');
  const cipher = createCipheriv(ALGORITHM, createSecretKey(kek), INITIAL_VALUE);
  return Buffer.concat([cipher.update(key), cipher.final()]);
}

/** The key inside `wrapped`; throws a KeyUnwrapError when the integrity check fails. */
export function unwrapKey(kek: Uint8Array, wrapped: Uint8Array): Buffer {
  requireKek(kek);
  if (wrapped.length < 24 || wrapped.length % 8 !== 0) throw new KeyUnwrapError();
  const decipher = createDecipheriv(ALGORITHM, createSecretKey(kek), INITIAL_VALUE);
  try {
    return Buffer.concat([decipher.update(wrapped), decipher.final()]);
  } catch {
    // OpenSSL's error has neither a code nor anything worth telling.
    throw new KeyUnwrapError();
  }
}

function requireKek(kek: Uint8Array): void {
  if (kek.length !== KEK_BYTES) throw new RangeError(`a key-wrapping key has ${KEK_BYTES} bytes`);
}
