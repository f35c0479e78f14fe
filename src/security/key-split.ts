/** Splits the root key material among persons and opens it with a quorum of them (D5). It never tells which credential was wrong. */
import { createHmac, randomBytes } from 'node:crypto';
import { sameBytes } from '@openkma/protocol';
import { isRefusal, type Refusal, refuse } from '../core/refusal.ts';
import { decryptShare, encryptShare, makeCredentialKey, openCredentialKey } from './credential-key.ts';
import {
  type CredentialKey,
  isConsistent,
  KEY_SPLIT_FORMAT,
  KEY_SPLIT_SIZE_MAX,
  type KeySplit,
  readKeySplit,
  type UncheckedKeySplit,
  uncheckedText,
  writeKeySplit,
} from './key-split-format.ts';
import { type Argon2Cost, hashPassphrase, isAtLeast, SALT_BYTES } from './passphrase-hash.ts';
import { deriveKey } from './sealing.ts';
import type { SecretBytes } from './secret-bytes.ts';
import { combineShares, splitSecret } from './shares.ts';

export const ROOT_KEY_BYTES = 32;
/** RFC 9106's choice for small memory: 64 MiB and 3 passes, about 0.2 s a credential. */
export const KEY_SPLIT_COST: Argon2Cost = { memoryKib: 65_536, passes: 3, lanes: 1 };
/** The least that is believed when a split is opened: what may have been made on weaker machines. */
export const KEY_SPLIT_COST_FLOOR: Argon2Cost = { memoryKib: 19_456, passes: 2, lanes: 1 };

export interface KeySplitCredential {
  readonly name: string;
  readonly passphrase: SecretBytes;
}
export interface KeySplitRequest {
  readonly threshold: number;
  readonly credentials: readonly KeySplitCredential[];
  readonly rootKeyMaterial: SecretBytes;
  readonly rootEpochId: string;
  readonly splitId: string;
}
/** What may be shown of a split; nothing of it is proven before the split is opened. */
export interface KeySplitInfo {
  readonly splitId: string;
  readonly rootEpochId: string;
  readonly threshold: number;
  readonly size: number;
  readonly names: readonly string[];
}

/** The self-protected object; the caller has checked names and passphrases, so that a broken request is thrown. */
export async function createKeySplit(
  request: KeySplitRequest,
  cost: Argon2Cost = KEY_SPLIT_COST,
): Promise<Uint8Array> {
  const { threshold, credentials, rootKeyMaterial } = request;
  if (credentials.length < 1 || credentials.length > KEY_SPLIT_SIZE_MAX || threshold < 1)
    throw new Error('a key split has 1 to 10 credentials');
  if (rootKeyMaterial.length !== ROOT_KEY_BYTES) throw new Error('root key material has 32 bytes');
  const keys = await Promise.all(
    credentials.map(({ name, passphrase }) => makeCredentialKey(name, passphrase, cost)),
  );
  return assembled(keys, request);
}

async function assembled(
  keys: readonly CredentialKey[],
  { threshold, rootKeyMaterial, rootEpochId, splitId }: Omit<KeySplitRequest, 'credentials'>,
): Promise<Uint8Array> {
  const size = keys.length;
  const header = { splitId, rootEpochId, threshold, size, names: keys.map((key) => key.name) };
  const shares = await splitSecret(rootKeyMaterial, size, threshold);
  const holders = keys.map((key, index) => {
    const share = shares[index];
    if (share === undefined) throw new Error('there are fewer shares than credentials');
    const encrypted = encryptShare(key.publicKey, shareContext(header, key.name), share);
    share.wipe();
    return { key, share: encrypted };
  });
  const split = { format: KEY_SPLIT_FORMAT, splitId, rootEpochId, threshold, size, holders } as const;
  if (!isConsistent(split))
    throw new Error('a key split has different names and a threshold within its size');
  const object = writeKeySplit(split, checkValue(rootKeyMaterial, split).toString('base64'));
  if (readKeySplit(object) === null) throw new Error('a key split was asked for that cannot be read back');
  return object;
}

/** New root key material for the same persons, without them: shares are encrypted to public keys. Null where the object is damaged or not of this root key material, since the public keys are then nobody's word. */
export async function splitAnew(
  object: Uint8Array,
  until: SecretBytes,
  {
    rootKeyMaterial,
    rootEpochId,
    splitId,
  }: Pick<KeySplitRequest, 'rootKeyMaterial' | 'rootEpochId' | 'splitId'>,
): Promise<Uint8Array | null> {
  const split = readKeySplit(object);
  if (split === null || !sameBytes(checkValue(until, split), Buffer.from(split.check, 'base64'))) return null;
  const { threshold, holders } = split;
  return assembled(
    holders.map(({ key }) => key),
    { threshold, rootKeyMaterial, rootEpochId, splitId },
  );
}

/** What credentials that are all right are worth. */
export interface JudgedCredentials {
  readonly names: readonly string[];
  /** Null where they are fewer than the threshold. */
  readonly rootKeyMaterial: SecretBytes | null;
}

/**
 * Whose credentials these are, where each of them is right. Wrong name, wrong passphrase, a name twice, a damaged
 * object: all give the same refusal after the same work, one Argon2id for each given credential.
 */
export async function judgeCredentials(
  object: Uint8Array,
  credentials: readonly KeySplitCredential[],
  floor: Argon2Cost = KEY_SPLIT_COST_FLOOR,
): Promise<JudgedCredentials | Refusal> {
  if (credentials.length > KEY_SPLIT_SIZE_MAX)
    return refuse('INVALID_PARAMETERS', `at most ${KEY_SPLIT_SIZE_MAX} key split credentials`);
  const read = readKeySplit(object);
  const split = read?.holders.every((holder) => isAtLeast(holder.key.cost, floor)) ? read : null;
  const shares = await Promise.all(credentials.map((credential) => openShare(split, credential)));
  const opened = shares.filter((share) => share !== null);
  const names = credentials.map((credential) => credential.name);
  const right = new Set(names).size === names.length && opened.length === names.length;
  const enough = split !== null && right && opened.length >= split.threshold;
  const root = enough ? await combineChecked(split, opened) : null;
  for (const share of opened) share.wipe();
  if (split === null || !right || (enough && root === null)) return refuse('QUORUM_NOT_MET');
  return { names, rootKeyMaterial: root };
}

/** The root key material, where every given credential is right and they are enough; too few give the same refusal as wrong ones. */
export async function openKeySplit(
  object: Uint8Array,
  credentials: readonly KeySplitCredential[],
  floor: Argon2Cost = KEY_SPLIT_COST_FLOOR,
): Promise<SecretBytes | Refusal> {
  const judged = await judgeCredentials(object, credentials, floor);
  if (isRefusal(judged)) return judged;
  return judged.rootKeyMaterial ?? refuse('QUORUM_NOT_MET');
}

/** Null for a damaged object. */
export function splitInfo(object: Uint8Array): KeySplitInfo | null {
  const split = readKeySplit(object);
  return split === null ? null : headerOf(split);
}

/** A name that the split does not have, and any name where there is no split to read, cost the same. */
async function openShare(
  split: KeySplit | null,
  { name, passphrase }: KeySplitCredential,
): Promise<SecretBytes | null> {
  const holder = split?.holders.find((candidate) => candidate.key.name === name);
  if (split === null || holder === undefined) {
    const cost = split?.holders[0]?.key.cost ?? KEY_SPLIT_COST;
    const unused = await hashPassphrase(passphrase, randomBytes(SALT_BYTES), cost);
    unused.wipe();
    return null;
  }
  const privateKey = await openCredentialKey(holder.key, passphrase);
  if (privateKey === null) return null;
  return decryptShare(privateKey, shareContext(headerOf(split), name), holder.share);
}

async function combineChecked(split: KeySplit, shares: readonly SecretBytes[]): Promise<SecretBytes | null> {
  const root = await combineShares(shares, split.threshold);
  if (root === null || root.length !== ROOT_KEY_BYTES) return null;
  if (sameBytes(checkValue(root, split), Buffer.from(split.check, 'base64'))) return root;
  root.wipe();
  return null;
}

/** Covers the public keys too: new shares may be encrypted to them later without the persons, so they must be the true ones. */
function checkValue(rootKeyMaterial: SecretBytes, split: UncheckedKeySplit): Buffer {
  const key = deriveKey(rootKeyMaterial, 'openkma key split check');
  const check = createHmac('sha256', key.reveal()).update(uncheckedText(split)).digest();
  key.wipe();
  return check;
}

function shareContext(header: KeySplitInfo, name: string): string {
  const { splitId, rootEpochId, threshold, names } = header;
  return JSON.stringify([KEY_SPLIT_FORMAT, splitId, rootEpochId, threshold, names, name]);
}

function headerOf(split: KeySplit): KeySplitInfo {
  const { splitId, rootEpochId, threshold, size } = split;
  return { splitId, rootEpochId, threshold, size, names: split.holders.map((holder) => holder.key.name) };
}
