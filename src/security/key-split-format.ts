/** The key split object's text: one immutable, canonical JSON document (D5). It opens nothing and holds nothing in the clear but names. */
import { z } from 'zod';
import { argon2CostSchema, SALT_BYTES } from './passphrase-hash.ts';

export const KEY_SPLIT_FORMAT = 'openkma key split 1';
export const KEY_SPLIT_SIZE_MAX = 10;
const OBJECT_BYTES_MAX = 32 * 1024;
const CHECK_BYTES = 32;

const id = z.string().regex(/^[0-9A-F]{32}$/);
const base64 = z.base64().min(1).max(256);

/** A person's key pair, whose private half opens with the passphrase. It is not bound to a split, so that it can serve the next. */
const credentialKey = z.strictObject({
  name: z.string().min(1).max(64),
  salt: z.base64().length(Math.ceil(SALT_BYTES / 3) * 4),
  cost: argon2CostSchema,
  /** X25519, SubjectPublicKeyInfo. */
  publicKey: base64,
  /** PKCS#8, encrypted under the Argon2id key. */
  privateKey: base64,
});
export type CredentialKey = z.infer<typeof credentialKey>;

const encryptedShare = z.strictObject({ ephemeralKey: base64, ciphertext: base64 });
export type EncryptedShare = z.infer<typeof encryptedShare>;

const keySplit = z.strictObject({
  format: z.literal(KEY_SPLIT_FORMAT),
  splitId: id,
  rootEpochId: id,
  threshold: z.int().min(1).max(KEY_SPLIT_SIZE_MAX),
  size: z.int().min(1).max(KEY_SPLIT_SIZE_MAX),
  holders: z
    .array(z.strictObject({ key: credentialKey, share: encryptedShare }))
    .min(1)
    .max(KEY_SPLIT_SIZE_MAX),
  /** Over all the rest, under a key from the root key material: tells a wrong secret from the right one, and any altered byte. */
  check: z.base64().length(Math.ceil(CHECK_BYTES / 3) * 4),
});
export type KeySplit = z.infer<typeof keySplit>;
export type UncheckedKeySplit = Omit<KeySplit, 'check'>;

/** The order of the fields is fixed by rebuilding them, so that one split has one text. */
export function uncheckedText(split: UncheckedKeySplit): string {
  return JSON.stringify(ordered(split));
}

export function writeKeySplit(split: UncheckedKeySplit, check: string): Uint8Array {
  return Buffer.from(JSON.stringify({ ...ordered(split), check }), 'utf8');
}

/** Null for anything but the very text that `writeKeySplit` writes for a consistent split. */
export function readKeySplit(object: Uint8Array): KeySplit | null {
  if (object.length > OBJECT_BYTES_MAX) return null;
  const split = parse(object);
  if (split === null || !isConsistent(split)) return null;
  return Buffer.compare(writeKeySplit(split, split.check), object) === 0 ? split : null;
}

function parse(object: Uint8Array): KeySplit | null {
  try {
    return keySplit.safeParse(JSON.parse(Buffer.from(object).toString('utf8'))).data ?? null;
  } catch {
    return null;
  }
}

export function isConsistent(split: UncheckedKeySplit): boolean {
  const names = new Set(split.holders.map((holder) => holder.key.name));
  return split.size === split.holders.length && names.size === split.size && split.threshold <= split.size;
}

function ordered(split: UncheckedKeySplit): UncheckedKeySplit {
  return {
    format: split.format,
    splitId: split.splitId,
    rootEpochId: split.rootEpochId,
    threshold: split.threshold,
    size: split.size,
    holders: split.holders.map(({ key, share }) => ({
      key: {
        name: key.name,
        salt: key.salt,
        cost: { memoryKib: key.cost.memoryKib, passes: key.cost.passes, lanes: key.cost.lanes },
        publicKey: key.publicKey,
        privateKey: key.privateKey,
      },
      share: { ephemeralKey: share.ephemeralKey, ciphertext: share.ciphertext },
    })),
  };
}
