/** A person's key pair for shares: made from a passphrase, encrypted to without one (D5). It keeps no passphrase and knows no threshold. */
import { createPrivateKey, type KeyObject, randomBytes } from 'node:crypto';
import { decrypt, encrypt } from './aead.ts';
import { type CredentialKey, type EncryptedShare, KEY_SPLIT_FORMAT } from './key-split-format.ts';
import { makeSound } from './pair-check.ts';
import { type Argon2Cost, hashPassphrase, SALT_BYTES } from './passphrase-hash.ts';
import { SecretBytes } from './secret-bytes.ts';
import { decryptWith, encryptTo, fromSpki, newX25519Pair, spki } from './x25519-box.ts';

const SHARE_LABEL = 'openkma key split share';

export async function makeCredentialKey(
  name: string,
  passphrase: SecretBytes,
  cost: Argon2Cost,
): Promise<CredentialKey> {
  const pair = await makeSound(newX25519Pair);
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

/** `context` says which split and whose share. */
export function encryptShare(publicKey: string, context: string, share: SecretBytes): EncryptedShare {
  return encryptTo(fromSpki(publicKey), SHARE_LABEL, context, share);
}

/** Null where private key, context and share do not belong together. */
export function decryptShare(
  privateKey: KeyObject,
  context: string,
  share: EncryptedShare,
): SecretBytes | null {
  return decryptWith(privateKey, SHARE_LABEL, context, share);
}

function keyAssociated(key: Omit<CredentialKey, 'privateKey'>): string {
  const { memoryKib, passes, lanes } = key.cost;
  return JSON.stringify([KEY_SPLIT_FORMAT, key.name, key.salt, memoryKib, passes, lanes, key.publicKey]);
}
