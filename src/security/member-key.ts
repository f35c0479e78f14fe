/** The member key of a life: new root key material is encrypted to its public half, which only who has the root key material can make or read; its private half opens under that too. It stores nothing. */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { deriveKey, openSealedObject, type SealedMeta, sealObject } from './sealing.ts';
import { SecretBytes } from './secret-bytes.ts';
import { type Box, decryptWith, encryptTo, fromSpki, newX25519Pair, spki } from './x25519-box.ts';

export const MEMBER_KEY_KIND = 'member-key';
export const ROOT_COPY_KIND = 'root-copy';
const PRIVATE_KIND = 'member-private-key';
const ROOT_LABEL = 'openkma member key';
const COPY_LABEL = 'openkma root copy';
const COPY_BYTES_MAX = 4096;

const boxSchema = z.strictObject({ ephemeralKey: z.base64().max(256), ciphertext: z.base64().max(256) });

/** Root key material, and which epoch's it is. */
export interface Root {
  readonly rootEpochId: string;
  readonly rootKeyMaterial: SecretBytes;
}

export function makeMemberKey(): KeyObject {
  return newX25519Pair().privateKey;
}

/** To be known to the other members: it opens and proves itself by the root key material, so that who only proved a passphrase is given nothing. */
export function sealPublicHalf(
  root: Root,
  incarnationId: string,
  objectId: string,
  pair: KeyObject,
): Uint8Array {
  const meta = publicMeta(root, incarnationId, objectId);
  return sealedUnder(root, meta, new SecretBytes(spki(createPublicKey(pair))));
}

/** Null where it was not made by who has that root key material, for that life. */
export function openPublicHalf(
  root: Root,
  incarnationId: string,
  objectId: string,
  sealed: Uint8Array,
): KeyObject | null {
  const opened = openedUnder(root, publicMeta(root, incarnationId, objectId), sealed);
  try {
    return opened === null ? null : fromSpki(Buffer.from(opened.reveal()).toString('base64'));
  } catch {
    return null;
  }
}

export function isHalfOf(publicHalf: KeyObject, pair: KeyObject): boolean {
  return publicHalf.equals(createPublicKey(pair));
}

/** For the file of this machine alone. */
export function sealPrivateHalf(root: Root, incarnationId: string, pair: KeyObject): Uint8Array {
  const pkcs8 = new SecretBytes(pair.export({ type: 'pkcs8', format: 'der' }));
  const sealed = sealedUnder(root, privateMeta(root, incarnationId), pkcs8);
  pkcs8.wipe();
  return sealed;
}

export function openPrivateHalf(root: Root, incarnationId: string, sealed: Uint8Array): KeyObject | null {
  const pkcs8 = openedUnder(root, privateMeta(root, incarnationId), sealed);
  if (pkcs8 === null) return null;
  const key = createPrivateKey({ key: Buffer.from(pkcs8.reveal()), format: 'der', type: 'pkcs8' });
  pkcs8.wipe();
  return key;
}

/** New root key material for one life. */
export function encryptRoot(publicHalf: KeyObject, incarnationId: string, root: Root): Uint8Array {
  const context = copyContext(incarnationId, root.rootEpochId);
  return Buffer.from(JSON.stringify(encryptTo(publicHalf, COPY_LABEL, context, root.rootKeyMaterial)));
}

export function decryptRoot(
  pair: KeyObject,
  incarnationId: string,
  rootEpochId: string,
  copy: Uint8Array,
): SecretBytes | null {
  const box = readBox(copy);
  return box === null ? null : decryptWith(pair, COPY_LABEL, copyContext(incarnationId, rootEpochId), box);
}

function readBox(copy: Uint8Array): Box | null {
  if (copy.length > COPY_BYTES_MAX) return null;
  try {
    return boxSchema.safeParse(JSON.parse(Buffer.from(copy).toString('utf8'))).data ?? null;
  } catch {
    return null;
  }
}

const copyContext = (incarnationId: string, rootEpochId: string) =>
  JSON.stringify([COPY_LABEL, incarnationId, rootEpochId]);

function publicMeta({ rootEpochId }: Root, incarnationId: string, objectId: string): SealedMeta {
  return { id: objectId, kind: MEMBER_KEY_KIND, owner: incarnationId, epoch: rootEpochId };
}
function privateMeta({ rootEpochId }: Root, incarnationId: string): SealedMeta {
  return { id: incarnationId, kind: PRIVATE_KIND, owner: incarnationId, epoch: rootEpochId };
}

function sealedUnder(root: Root, meta: SealedMeta, secret: SecretBytes): Uint8Array {
  const key = deriveKey(root.rootKeyMaterial, ROOT_LABEL);
  const sealed = sealObject(key, meta, secret);
  key.wipe();
  return sealed;
}
function openedUnder(root: Root, meta: SealedMeta, sealed: Uint8Array): SecretBytes | null {
  const key = deriveKey(root.rootKeyMaterial, ROOT_LABEL);
  try {
    return openSealedObject(key, meta, sealed);
  } catch {
    return null;
  } finally {
    key.wipe();
  }
}
