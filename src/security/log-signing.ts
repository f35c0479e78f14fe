/** Ed25519 (RFC 8032) signatures of an incarnation's log from its 32-byte seed. It keeps no key and reads no log. */
import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { deriveKey } from './sealing.ts';
import type { SecretBytes } from './secret-bytes.ts';

const SEED_BYTES = 32;
/** DER in front of the raw seed and of the raw public key (RFC 8410). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const PUBLIC_KEY_HEX = /^[0-9A-F]{64}$/;
const SIGNATURE_HEX = /^[0-9A-F]{128}$/;

/** The raw 32-byte public key as upper-case hex. */
export function logPublicKey(seed: SecretBytes): string {
  const spki = createPublicKey(privateKey(seed)).export({ type: 'spki', format: 'der' });
  return spki.subarray(SPKI_PREFIX.length).toString('hex').toUpperCase();
}

/** Of the key pair by which the replication engine signs the log's blocks: its process shall not be able to sign audit heads. */
export function replicationSeed(logSeed: SecretBytes): SecretBytes {
  return deriveKey(logSeed, 'openkma replication 1');
}

/** As `logPublicKey`, of the replication engine's key pair. */
export function replicationPublicKey(logSeed: SecretBytes): string {
  const seed = replicationSeed(logSeed);
  const publicKey = logPublicKey(seed);
  seed.wipe();
  return publicKey;
}

/** Over the UTF-8 bytes of the text; upper-case hex. */
export function signText(seed: SecretBytes, text: string): string {
  return sign(null, Buffer.from(text, 'utf8'), privateKey(seed)).toString('hex').toUpperCase();
}

/** False for anything malformed too. */
export function verifyText(publicKeyHex: string, text: string, signatureHex: string): boolean {
  if (!PUBLIC_KEY_HEX.test(publicKeyHex) || !SIGNATURE_HEX.test(signatureHex)) return false;
  const der = Buffer.concat([SPKI_PREFIX, Buffer.from(publicKeyHex, 'hex')]);
  const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
  return verify(null, Buffer.from(text, 'utf8'), key, Buffer.from(signatureHex, 'hex'));
}

function privateKey(seed: SecretBytes): KeyObject {
  if (seed.length !== SEED_BYTES) throw new Error('a log signing seed has 32 bytes');
  const der = Buffer.concat([PKCS8_PREFIX, seed.reveal()]);
  try {
    return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  } finally {
    der.fill(0);
  }
}
