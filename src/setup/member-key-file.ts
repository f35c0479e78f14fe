/** The file with the private half of this life's member key, sealed under root key material (D14, class local): it is in no backup and goes nowhere. */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { isHalfOf, openPrivateHalf, type Root, sealPrivateHalf } from '../security/member-key.ts';
import type { DataDirectory } from '../store/data-directory.ts';

const FILE = 'member-key.json';
/** A person may know how to mend it: copies of root key material may be encrypted to what is in it. */
const DAMAGED_FILE = 'member-key-damaged.json';
const seal = z.strictObject({ incarnationId: z.string(), rootEpochId: z.string(), sealed: z.base64() });
/** Files of before hold one. */
const schema = z.union([z.array(seal), seal.transform((one) => [one])]);
type Seal = z.infer<typeof seal>;

/** What these open of this life; the one that was written last is the first. */
export function readMemberKeys(
  directory: DataDirectory,
  incarnationId: string,
  roots: readonly Root[],
): readonly KeyObject[] {
  return sealsOf(directory, incarnationId).flatMap((sealed) => opened(sealed, roots) ?? []);
}

/** Under each of `under`. What `known` does not open stays beside it: copies of root key material may be encrypted to that alone. */
export function writeMemberKey(
  directory: DataDirectory,
  incarnationId: string,
  { under, known }: { readonly under: readonly Root[]; readonly known: readonly Root[] },
  privateHalf: KeyObject,
): void {
  const others = sealsOf(directory, incarnationId).filter((sealed) => {
    const other = opened(sealed, known);
    return other === null || !isHalfOf(createPublicKey(other), privateHalf);
  });
  const seals = under.map((root): Seal => {
    const sealed = Buffer.from(sealPrivateHalf(root, incarnationId, privateHalf)).toString('base64');
    return { incarnationId, rootEpochId: root.rootEpochId, sealed };
  });
  directory.writeLocal(FILE, Buffer.from(JSON.stringify([...seals, ...others])));
}

/** The name under which it lies from now on; null where it is in order, or where there is none. */
export function putDamagedAside(directory: DataDirectory): string | null {
  const bytes = directory.readLocal(FILE);
  if (bytes === undefined || isReadable(bytes)) return null;
  directory.writeLocal(DAMAGED_FILE, bytes);
  directory.removeLocal(FILE);
  return DAMAGED_FILE;
}

function isReadable(bytes: Buffer): boolean {
  try {
    parse(bytes);
    return true;
  } catch {
    return false;
  }
}

function sealsOf(directory: DataDirectory, incarnationId: string): readonly Seal[] {
  const bytes = directory.readLocal(FILE);
  if (bytes === undefined) return [];
  return parse(bytes).filter((sealed) => sealed.incarnationId === incarnationId);
}

function parse(bytes: Buffer): readonly Seal[] {
  return schema.parse(JSON.parse(bytes.toString('utf8')));
}

function opened({ incarnationId, rootEpochId, sealed }: Seal, roots: readonly Root[]): KeyObject | null {
  const root = roots.find((one) => one.rootEpochId === rootEpochId);
  return root === undefined ? null : openPrivateHalf(root, incarnationId, Buffer.from(sealed, 'base64'));
}
