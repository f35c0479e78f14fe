/** The user-based security model of SNMPv3 (RFC 3414, 3826, 7860) for one user at one engine: signs and encrypts, checks and decrypts. It knows nothing of time and of who may what. */
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { sameBytes } from '@openkma/protocol';
import type { SecretBytes } from '../../security/secret-bytes.ts';
import { type SnmpAuthentication, type SnmpPrivacy, snmpPrivacyKey } from '../../security/snmp-keys.ts';
import {
  FLAG,
  type ReadMessage,
  readMessage,
  readScopedPdu,
  type ScopedPdu,
  type SecuredMessage,
  writeMessage,
  writeScopedPdu,
} from './message.ts';

export interface UserKeys {
  readonly authentication: SnmpAuthentication;
  readonly privacy: SnmpPrivacy;
  /** Both localized: good at this engine only. */
  readonly authenticationKey: SecretBytes;
  readonly privacyKey: SecretBytes;
}

const MACS: Readonly<Record<SnmpAuthentication, { readonly hash: string; readonly bytes: number }>> = {
  'SHA-1': { hash: 'sha1', bytes: 12 },
  'SHA-224': { hash: 'sha224', bytes: 16 },
  'SHA-256': { hash: 'sha256', bytes: 24 },
  'SHA-384': { hash: 'sha384', bytes: 32 },
  'SHA-512': { hash: 'sha512', bytes: 48 },
};
const BLOCK_BYTES = 8;
const SALT_BYTES = 8;

type Header = Omit<SecuredMessage, 'mac' | 'salt' | 'scoped'>;

/** A signed and encrypted message. */
export function protect(header: Header, scoped: ScopedPdu, keys: UserKeys): Buffer {
  const salt = keys.privacy === 'DES' ? desSalt(header.engineBoots) : randomBytes(SALT_BYTES);
  const encrypted = encrypt(writeScopedPdu(scoped), { ...header, salt }, keys);
  return withMac({ ...header, salt, scoped: encrypted }, keys);
}

/** A message that anybody may read. */
export function signed(header: Header, scoped: ScopedPdu, keys: UserKeys): Buffer {
  return withMac({ ...header, salt: Buffer.alloc(0), scoped: writeScopedPdu(scoped) }, keys);
}

function withMac(message: Omit<SecuredMessage, 'mac'>, keys: UserKeys): Buffer {
  const blank = Buffer.alloc(MACS[keys.authentication].bytes);
  const bytes = writeMessage({ ...message, mac: blank });
  const at = readMessage(bytes)?.macAt;
  if (at === undefined) throw new Error('a message was written that cannot be read');
  macOf(bytes, keys).copy(bytes, at);
  return bytes;
}

/** Whether somebody with the key wrote exactly these bytes. */
export function isAuthentic(bytes: Buffer, { mac, macAt, flags }: ReadMessage, keys: UserKeys): boolean {
  if ((flags & FLAG.authenticated) === 0 || mac.length !== MACS[keys.authentication].bytes) return false;
  const blank = Buffer.from(bytes);
  blank.fill(0, macAt, macAt + mac.length);
  return sameBytes(mac, macOf(blank, keys));
}

/** Null where it is not encrypted with this key, or holds no PDU. */
export function opened(message: ReadMessage, keys: UserKeys): ScopedPdu | null {
  if ((message.flags & FLAG.encrypted) === 0 || message.salt.length !== SALT_BYTES) return null;
  const decipher = cipherOf(message, keys, 'decrypt');
  if (keys.privacy === 'DES' && message.scoped.length % BLOCK_BYTES !== 0) return null;
  return readScopedPdu(Buffer.concat([decipher.update(message.scoped), decipher.final()]));
}

function macOf(bytes: Buffer, { authentication, authenticationKey }: UserKeys): Buffer {
  const { hash, bytes: length } = MACS[authentication];
  return createHmac(hash, authenticationKey.reveal()).update(bytes).digest().subarray(0, length);
}

type Salted = Pick<SecuredMessage, 'engineBoots' | 'engineTime' | 'salt'>;

function encrypt(plain: Buffer, salted: Salted, keys: UserKeys): Buffer {
  const cipher = cipherOf(salted, keys, 'encrypt');
  const missing = keys.privacy === 'DES' ? (BLOCK_BYTES - (plain.length % BLOCK_BYTES)) % BLOCK_BYTES : 0;
  return Buffer.concat([cipher.update(plain), cipher.update(Buffer.alloc(missing)), cipher.final()]);
}

function cipherOf(salted: Salted, { privacy, privacyKey }: UserKeys, way: 'encrypt' | 'decrypt') {
  const make = way === 'encrypt' ? createCipheriv : createDecipheriv;
  const key = snmpPrivacyKey(privacyKey, privacy);
  if (privacy !== 'DES')
    return make(privacy === 'AES-128' ? 'aes-128-cfb' : 'aes-256-cfb', key, aesVector(salted));
  const [des, vector] = [key.subarray(0, BLOCK_BYTES), Buffer.from(key.subarray(BLOCK_BYTES))];
  for (const [place, byte] of salted.salt.entries()) vector[place] = (vector[place] ?? 0) ^ byte;
  // Three equal keys make triple DES, which OpenSSL still has, what single DES was.
  return make('des-ede3-cbc', Buffer.concat([des, des, des]), vector).setAutoPadding(false);
}

function aesVector({ engineBoots, engineTime, salt }: Salted): Buffer {
  const vector = Buffer.alloc(16);
  vector.writeInt32BE(engineBoots, 0);
  vector.writeInt32BE(engineTime, 4);
  salt.copy(vector, 8);
  return vector;
}

function desSalt(engineBoots: number): Buffer {
  const salt = randomBytes(SALT_BYTES);
  salt.writeInt32BE(engineBoots, 0);
  return salt;
}
