/** Branded identifiers; it never makes one up: random bytes come from the caller. */

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** Internal identifiers: 16 random bytes as 32 upper-case hex digits. */
export type KmaId = Branded<'KmaId'>;
export type UserId = Branded<'UserId'>;
export type SiteId = Branded<'SiteId'>;
export type KeyPolicyId = Branded<'KeyPolicyId'>;
export type KeyGroupId = Branded<'KeyGroupId'>;
export type AgentId = Branded<'AgentId'>;
export type BackupId = Branded<'BackupId'>;
export type KeySplitId = Branded<'KeySplitId'>;
export type PendingId = Branded<'PendingId'>;
export type ObjectId = Branded<'ObjectId'>;
/** Epochs of the root key material and of the master key: 16 random bytes as hex. */
export type RootEpochId = Branded<'RootEpochId'>;
export type MasterEpochId = Branded<'MasterEpochId'>;
/** One life of a data directory: 8 random bytes as 16 hex digits, short because every stamp carries it. */
export type IncarnationId = Branded<'IncarnationId'>;
/** 16 bytes as 32 upper-case hex digits (protocol 8). */
export type DataUnitId = Branded<'DataUnitId'>;
/** 30 bytes as 60 upper-case hex digits; the first two bytes are the version 0000 (protocol 8). */
export type KeyId = Branded<'KeyId'>;
/** SHA-256 of a DER certificate as 64 upper-case hex digits. */
export type Fingerprint = Branded<'Fingerprint'>;

export const INTERNAL_ID_BYTES = 16;
export const INCARNATION_ID_BYTES = 8;
export const DATA_UNIT_ID_BYTES = 16;
/** Random part of a key ID; two version bytes stand before it. */
export const KEY_ID_RANDOM_BYTES = 28;

/** Upper-case hex, the form of every binary identifier on the wire and in the tables. */
export function toHex(bytes: Uint8Array): string {
  let hex = '';
  for (const byte of bytes) hex += byte.toString(16).padStart(2, '0');
  return hex.toUpperCase();
}

/** Names fresh random bytes; the caller states which kind of identifier they become. */
export function idFrom<Id extends string>(bytes: Uint8Array): Id {
  return toHex(bytes) as Id;
}

/** A key ID of an ordinary generated key: version 0000 and 28 random bytes. */
export function keyIdFrom(random: Uint8Array): KeyId {
  return `0000${toHex(random)}` as KeyId;
}
