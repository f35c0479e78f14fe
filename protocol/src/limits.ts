/** The limits of the agent protocol as constants (protocol 12); it holds numbers only and never checks anything itself. */

/** Lengths are bytes of UTF-8 unless a name says digits or characters. */
export const AGENT_ID_BYTES = 64;
export const KMA_NAME_BYTES = 64;
export const SITE_ID_BYTES = 64;
export const KEY_GROUP_ID_BYTES = 64;
export const EXTERNAL_TAG_BYTES = 64;
export const DESCRIPTION_BYTES = 64;
export const NETWORK_ADDRESS_BYTES = 255;
export const KMA_VERSION_BYTES = 100;

export const EXTERNAL_UNIQUE_ID_BYTES = 32;
export const EXTERNAL_UNIQUE_ID_HEX = 2 * EXTERNAL_UNIQUE_ID_BYTES;
export const DATA_UNIT_ID_BYTES = 16;
export const DATA_UNIT_ID_HEX = 2 * DATA_UNIT_ID_BYTES;
export const KEY_ID_BYTES = 30;
export const KEY_ID_HEX = 2 * KEY_ID_BYTES;
export const KWK_ID_BYTES = 8;
export const KWK_ID_HEX = 2 * KWK_ID_BYTES;

export const KEY_BYTES = 32;
export const WRAPPED_KEY_BYTES = 40;
export const KWK_BYTES = 32;
export const KWK_PUBLIC_KEY_BITS = 2048;
/** A PEM public key of 2048 bits has 451 bytes, one of 3072 bits 625; a larger one crashes agents (protocol 13, item 4). */
export const KWK_PUBLIC_KEY_PEM_BYTES = 512;
/** A key-wrapping key encrypted with the largest RSA key we accept at a KMA. */
export const ENCRYPTED_KWK_BYTES = 512;

export const CHALLENGE_BYTES = 20;
export const PROOF_BYTES = 20;
export const ITERATIONS_MIN = 40_000;
export const ITERATIONS_MAX = 400_000;
export const PASSPHRASE_CHARACTERS_MIN = 8;
export const PASSPHRASE_CHARACTERS_MAX = 64;
/** One certificate, one private key or one PKCS#12, as text. */
export const PEM_BYTES = 4095;
/** SubjectPublicKeyInfo of an RSA key of 4096 bits has 550 bytes. */
export const CLIENT_PUBLIC_KEY_BYTES = 1024;
export const SHA256_BYTES = 32;

export const KEYS_PER_PAGE = 32;
export const KEY_GROUPS_LISTED = 100;
export const CLUSTER_MEMBERS_USED = 20;
export const KMS_STRING_CHARACTERS = 64;
export const AUDIT_MESSAGE_CHARACTERS = 8192;

/** Agents keep about 240 characters of a fault, the number included (protocol 9). */
export const FAULT_TEXT_BYTES = 200;

/** Bounds of one message body, held before and during parsing. */
export interface XmlLimits {
  readonly bytes: number;
  readonly depth: number;
  readonly elements: number;
  readonly attributesPerElement: number;
}
export const REQUEST_LIMITS: XmlLimits = {
  bytes: 65_536,
  depth: 16,
  elements: 1_000,
  attributesPerElement: 32,
};
export const RESPONSE_LIMITS: XmlLimits = {
  bytes: 1_048_576,
  depth: 16,
  elements: 50_000,
  attributesPerElement: 32,
};

/**
 * What this KMA says in discovery. Agents compare it as text: from `Build384` on they use wrapped keys, above
 * `Build600` they look at the load; a number such as `Build1016` would sort below both (protocol 5.2).
 */
export const KMA_VERSION = 'Build700';
/** From this version on, in byte order, a KMA wraps keys (protocol 5.2). */
export const KEY_WRAP_VERSION = 'Build384';
/** Up to this version, in byte order, agents ignore the load (protocol 5.2). */
export const LOAD_IGNORED_VERSION = 'Build600';
