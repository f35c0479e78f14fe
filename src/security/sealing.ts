/** Sealed objects (D14): immutable secrets that open only under their epoch's key and as what they were sealed as. It stores nothing. */
import { createHmac, createSecretKey, hash, hkdfSync, type KeyObject } from 'node:crypto';
import { AEAD_KEY_BYTES, AEAD_OVERHEAD_BYTES, decrypt, encrypt } from './aead.ts';
import { SecretBytes } from './secret-bytes.ts';

const FORMAT = 1;
/** The epoch stands in the bytes too, so that their hash vouches for it. */
const FORMAT_WITH_EPOCH = 2;
const FORMAT_BYTES = 1;
const EPOCH_BYTES = 16;

/** What an object is; all of it is associated data, so that one object cannot stand in for another. */
export interface SealedMeta {
  readonly id: string;
  readonly kind: string;
  readonly owner: string;
  readonly epoch: string;
}

/** Says only that an object did not open: a damaged object, the wrong key and the wrong meta look alike. */
export class SealError extends Error {
  readonly objectId: string;
  constructor(objectId: string) {
    super('a sealed object does not open');
    this.name = 'SealError';
    this.objectId = objectId;
  }
}

/** HKDF-SHA256 (RFC 5869) without a salt: the input is a uniformly random key, the label separates its uses. */
export function deriveKey(root: SecretBytes, label: string): SecretBytes {
  return new SecretBytes(
    new Uint8Array(
      hkdfSync('sha256', createSecretKey(root.reveal()), Buffer.alloc(0), label, AEAD_KEY_BYTES),
    ),
  );
}

/**
 * Format byte, nonce, ciphertext, tag. Every object has a key of its own, which would allow a fixed nonce; it is random
 * all the same, so that a caller who seals two plaintexts under one ID by mistake does not give both away.
 */
export function sealObject(masterKey: SecretBytes, meta: SealedMeta, plaintext: SecretBytes): Uint8Array {
  return sealedWith(masterKey, meta, plaintext, Uint8Array.of(FORMAT));
}

/** Of objects under a later master key than the first: there the epoch is not to be guessed. */
export function sealObjectWithEpoch(
  masterKey: SecretBytes,
  meta: SealedMeta,
  plaintext: SecretBytes,
): Uint8Array {
  const epoch = Buffer.from(meta.epoch, 'hex');
  if (epoch.length !== EPOCH_BYTES) throw new Error('an epoch has 16 bytes');
  return sealedWith(masterKey, meta, plaintext, Buffer.concat([Uint8Array.of(FORMAT_WITH_EPOCH), epoch]));
}

/** Null where it does not stand in the bytes. */
export function epochInside(sealed: Uint8Array): string | null {
  return sealed[0] === FORMAT_WITH_EPOCH
    ? Buffer.from(sealed.subarray(FORMAT_BYTES, FORMAT_BYTES + EPOCH_BYTES))
        .toString('hex')
        .toUpperCase()
    : null;
}

function sealedWith(
  masterKey: SecretBytes,
  meta: SealedMeta,
  plaintext: SecretBytes,
  header: Uint8Array,
): Uint8Array {
  if (masterKey.length !== AEAD_KEY_BYTES) throw new Error('a sealing key has 32 bytes');
  const key = objectKey(masterKey, meta.id);
  const sealed = Buffer.concat([header, encrypt(key, associatedData(meta, header), plaintext)]);
  key.wipe();
  return sealed;
}

export function openSealedObject(masterKey: SecretBytes, meta: SealedMeta, sealed: Uint8Array): SecretBytes {
  if (masterKey.length !== AEAD_KEY_BYTES) throw new SealError(meta.id);
  const inside = epochInside(sealed);
  const header = sealed.subarray(0, inside === null ? FORMAT_BYTES : FORMAT_BYTES + EPOCH_BYTES);
  const isKnown = inside === null ? header[0] === FORMAT : inside === meta.epoch;
  if (!isKnown || sealed.length < header.length + AEAD_OVERHEAD_BYTES) throw new SealError(meta.id);
  const key = objectKey(masterKey, meta.id);
  const plaintext = decrypt(key, associatedData(meta, header), sealed.subarray(header.length));
  key.wipe();
  if (plaintext === null) throw new SealError(meta.id);
  return plaintext;
}

/** Upper case, as hashes stand in facts and tables. */
export function sha256Hex(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'hex').toUpperCase();
}

/** What HKDF makes of a master key first is the same for all its objects (RFC 5869, 2.2); gone with the master key. */
const extracted = new WeakMap<SecretBytes, KeyObject>();

function extract(masterKey: SecretBytes): KeyObject {
  const known = extracted.get(masterKey);
  if (known !== undefined) return known;
  const noSalt = Buffer.alloc(AEAD_KEY_BYTES);
  const pseudorandom = createHmac('sha256', noSalt).update(masterKey.reveal()).digest();
  const key = createSecretKey(pseudorandom);
  pseudorandom.fill(0);
  extracted.set(masterKey, key);
  return key;
}

/** As `deriveKey`, in a third of the time: one block of the second half (RFC 5869, 2.3) is as long as a key. */
function objectKey(masterKey: SecretBytes, id: string): SecretBytes {
  return new SecretBytes(
    createHmac('sha256', extract(masterKey)).update(`openkma sealed object ${id}\u0001`).digest(),
  );
}

/** JSON keeps the fields apart whatever they contain. */
function associatedData(meta: SealedMeta, [format]: Uint8Array): string {
  return JSON.stringify([meta.id, meta.kind, meta.owner, meta.epoch, format]);
}
