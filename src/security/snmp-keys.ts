/** Keys of SNMPv3 users (RFC 3414, A.2; RFC 7860): from a passphrase, for one engine, for its cipher. It keeps neither passphrase nor key. */
import { createHash } from 'node:crypto';
import { SecretBytes } from './secret-bytes.ts';

export const SNMP_AUTHENTICATIONS = ['SHA-1', 'SHA-224', 'SHA-256', 'SHA-384', 'SHA-512'] as const;
export type SnmpAuthentication = (typeof SNMP_AUTHENTICATIONS)[number];
export const SNMP_PRIVACIES = ['AES-128', 'AES-256', 'DES'] as const;
export type SnmpPrivacy = (typeof SNMP_PRIVACIES)[number];

/** Receivers take no shorter ones. */
export const SNMP_PASSPHRASE_CHARACTERS_MIN = 8;

const HASHES: Readonly<Record<SnmpAuthentication, { readonly name: string; readonly bytes: number }>> = {
  'SHA-1': { name: 'sha1', bytes: 20 },
  'SHA-224': { name: 'sha224', bytes: 28 },
  'SHA-256': { name: 'sha256', bytes: 32 },
  'SHA-384': { name: 'sha384', bytes: 48 },
  'SHA-512': { name: 'sha512', bytes: 64 },
};
/** DES takes eight for the key and eight for the initialisation vector. */
const PRIVACY_KEY_BYTES: Readonly<Record<SnmpPrivacy, number>> = { 'AES-128': 16, 'AES-256': 32, DES: 16 };
const REPEATED_BYTES = 1024 * 1024;

/** Whether the hash gives as many bytes as the cipher takes: how a shorter one is drawn out is agreed upon by nobody. */
export function snmpPrivacyFits(authentication: SnmpAuthentication, privacy: SnmpPrivacy): boolean {
  return HASHES[authentication].bytes >= PRIVACY_KEY_BYTES[privacy];
}

/** Ku: what is kept of a passphrase. It depends on nothing but the hash, and opens no more than SNMP. */
export function snmpKey(passphrase: SecretBytes, authentication: SnmpAuthentication): SecretBytes {
  const repeated = Buffer.alloc(REPEATED_BYTES, passphrase.reveal());
  const key = createHash(HASHES[authentication].name).update(repeated).digest();
  repeated.fill(0);
  return new SecretBytes(key);
}

/** Kul: good for one engine only. */
export function localizedSnmpKey(
  key: SecretBytes,
  engineId: Uint8Array,
  authentication: SnmpAuthentication,
): SecretBytes {
  const hash = createHash(HASHES[authentication].name);
  return new SecretBytes(hash.update(key.reveal()).update(engineId).update(key.reveal()).digest());
}

/** The part of a localized key that the cipher takes. */
export function snmpPrivacyKey(localized: SecretBytes, privacy: SnmpPrivacy): Buffer {
  return Buffer.from(localized.reveal().subarray(0, PRIVACY_KEY_BYTES[privacy]));
}
