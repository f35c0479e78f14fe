/** A person's key pair for shares: made from a passphrase, encrypted to without one (D5). It keeps no passphrase and knows no threshold. */
import {
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { AEAD_KEY_BYTES, decrypt, encrypt } from './aead.ts';
import { type CredentialKey, type EncryptedShare, KEY_SPLIT_FORMAT } from './key-split-format.ts';
import { assertX25519Pair, makeSound } from './pair-check.ts';
import { type Argon2Cost, hashPassphrase, SALT_BYTES } from './passphrase-hash.ts';
import { SecretBytes } from './secret-bytes.ts';

const SHARE_LABEL = 'openkma key split share';

export async function makeCredentialKey(
  name: string,
  passphrase: SecretBytes,
  cost: Argon2Cost,
): Promise<CredentialKey> {
  const pair = await makeSound(newPair);
  const salt = randomBytes(SALT_BYTES);
  const open = {
    name,
    salt: salt.toString('base64'),
    cost: { ...cost },
    publicKey: spki(pair.publicKey).toString('base64'),
  };
  const wrappingKey = await hashPassphrase(passphrase, salt, cost);
  const pkcs8 = new SecretBytes(pair.privateKey.export({ type: 'pkcs8', format: 'der' }));
  const privateKey = encrypt(wrappingKey, keyAssociated(open), pkcs8).toString('base64');
  pkcs8.wipe();
  wrappingKey.wipe();
  return { ...open, privateKey };
}

function newPair() {
  const pair = generateKeyPairSync('x25519');
  assertX25519Pair(pair.publicKey, pair.privateKey);
  return pair;
}

/** Null for a wrong passphrase or a damaged record; costs one Argon2id either way. */
export async function openCredentialKey(
  key: CredentialKey,
  passphrase: SecretBytes,
): Promise<KeyObject | null> {
  const wrappingKey = await hashPassphrase(passphrase, Buffer.from(key.salt, 'base64'), key.cost);
  const pkcs8 = decrypt(wrappingKey, keyAssociated(key), Buffer.from(key.privateKey, 'base64'));
  wrappingKey.wipe();
  if (pkcs8 === null) return null;
  const privateKey = createPrivateKey({ key: pkcs8.reveal(), format: 'der', type: 'pkcs8' });
  pkcs8.wipe();
  return privateKey;
}

/** X25519 with a one-time key, HKDF-SHA256 and AES-256-GCM; `context` says which split and whose share. */
export function encryptShare(publicKey: string, context: string, share: SecretBytes): EncryptedShare {
  const recipient = fromSpki(publicKey);
  const ephemeral = generateKeyPairSync('x25519');
  const shared = diffieHellman({ privateKey: ephemeral.privateKey, publicKey: recipient });
  const key = shareKey(shared, ephemeral.publicKey, recipient);
  const ciphertext = encrypt(key, context, share);
  key.wipe();
  return {
    ephemeralKey: spki(ephemeral.publicKey).toString('base64'),
    ciphertext: ciphertext.toString('base64'),
  };
}

/** Null where private key, context and share do not belong together. */
export function decryptShare(
  privateKey: KeyObject,
  context: string,
  share: EncryptedShare,
): SecretBytes | null {
  try {
    const ephemeral = fromSpki(share.ephemeralKey);
    const shared = diffieHellman({ privateKey, publicKey: ephemeral });
    const key = shareKey(shared, ephemeral, createPublicKey(privateKey));
    const opened = decrypt(key, context, Buffer.from(share.ciphertext, 'base64'));
    key.wipe();
    return opened;
  } catch {
    // OpenSSL throws for a damaged or low-order point (RFC 7748, 6.1).
    return null;
  }
}

/** Both public keys go into the derivation, as HPKE has it (RFC 9180, 4.1). */
function shareKey(shared: Buffer, ephemeral: KeyObject, recipient: KeyObject): SecretBytes {
  const salt = Buffer.concat([spki(ephemeral), spki(recipient)]);
  const key = hkdfSync('sha256', shared, salt, SHARE_LABEL, AEAD_KEY_BYTES);
  shared.fill(0);
  return new SecretBytes(new Uint8Array(key));
}

function keyAssociated(key: Omit<CredentialKey, 'privateKey'>): string {
  const { memoryKib, passes, lanes } = key.cost;
  return JSON.stringify([KEY_SPLIT_FORMAT, key.name, key.salt, memoryKib, passes, lanes, key.publicKey]);
}

function spki(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' });
}

function fromSpki(base64: string): KeyObject {
  return createPublicKey({ key: Buffer.from(base64, 'base64'), format: 'der', type: 'spki' });
}
