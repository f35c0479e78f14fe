/** The keys of logs as the engine takes them, made of the raw Ed25519 keys of incarnations. It makes no key and stores none. */
import type { KeyPair } from 'corestore';
import Hypercore, { type Manifest } from 'hypercore';

const SEED_BYTES = 32;
const PUBLIC_KEY_HEX = /^[0-9A-F]{64}$/;

/** Libsodium's secret key is the seed and the public key behind each other. */
export function logKeyPair(seed: Uint8Array, publicKeyHex: string): KeyPair {
  if (seed.length !== SEED_BYTES) throw new Error('a log signing seed has 32 bytes');
  const publicKey = rawKey(publicKeyHex);
  return { publicKey, secretKey: Buffer.concat([seed, publicKey]) };
}

/** A log has one signer, so that what it is called follows from his key. */
export function logManifest(publicKeyHex: string): Manifest {
  return { signers: [{ publicKey: rawKey(publicKeyHex) }] };
}

/** The engine's name of a log. */
export function engineKey(publicKeyHex: string): Buffer {
  return Hypercore.key(logManifest(publicKeyHex));
}

function rawKey(hex: string): Buffer {
  if (!PUBLIC_KEY_HEX.test(hex)) throw new Error('a log public key has 32 bytes, upper-case hex');
  return Buffer.from(hex, 'hex');
}
