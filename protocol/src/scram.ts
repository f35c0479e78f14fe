/** The keys, proof and signature of SCRAM (RFC 5802, 3) with HMAC-SHA-256. It knows no message and keeps no key. */
import { createHmac, hash } from 'node:crypto';
import { PROOF_KEY_BYTES } from './proof-cost.ts';
import { sameBytes } from './same-bytes.ts';

export interface ClientKeys {
  readonly clientKey: Buffer;
  readonly storedKey: Buffer;
  readonly serverKey: Buffer;
}

/** The caller wipes them. A server keeps StoredKey and ServerKey, from which neither passphrase nor ClientKey follow. */
export function scramKeys(salted: Uint8Array): ClientKeys {
  const clientKey = hmac(salted, 'Client Key');
  return { clientKey, storedKey: hash('sha256', clientKey, 'buffer'), serverKey: hmac(salted, 'Server Key') };
}

/** ClientKey XOR ClientSignature. */
export function clientProof(clientKey: Uint8Array, storedKey: Uint8Array, authMessage: Uint8Array): Buffer {
  return xor(clientKey, hmac(storedKey, authMessage));
}

/** Whether the proof was made with the ClientKey that belongs to this StoredKey, over this very message. Constant time. */
export function provesClient(storedKey: Uint8Array, authMessage: Uint8Array, proof: Uint8Array): boolean {
  if (proof.length !== PROOF_KEY_BYTES || storedKey.length !== PROOF_KEY_BYTES) return false;
  const clientKey = xor(proof, hmac(storedKey, authMessage));
  const fits = sameBytes(hash('sha256', clientKey, 'buffer'), storedKey);
  clientKey.fill(0);
  return fits;
}

export function serverSignature(serverKey: Uint8Array, authMessage: Uint8Array): Buffer {
  return hmac(serverKey, authMessage);
}

function hmac(key: Uint8Array, message: string | Uint8Array): Buffer {
  return createHmac('sha256', key).update(message).digest();
}

function xor(one: Uint8Array, other: Uint8Array): Buffer {
  return Buffer.from(one.map((byte, place) => byte ^ (other[place] ?? 0)));
}
