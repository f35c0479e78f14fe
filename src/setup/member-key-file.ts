/** The file with the private half of this life's member key, sealed under root key material (D14, class local): it is in no backup and goes nowhere. */
import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import { openPrivateHalf, type Root, sealPrivateHalf } from '../security/member-key.ts';
import type { DataDirectory } from '../store/data-directory.ts';

const FILE = 'member-key.json';
const schema = z.strictObject({ incarnationId: z.string(), rootEpochId: z.string(), sealed: z.base64() });

export interface MemberKeyFile {
  readonly rootEpochId: string;
  readonly privateHalf: KeyObject;
}

/** Null where there is none of this life, or none that this root key material opens. */
export function readMemberKey(
  directory: DataDirectory,
  incarnationId: string,
  roots: readonly Root[],
): MemberKeyFile | null {
  const bytes = directory.readLocal(FILE);
  if (bytes === undefined) return null;
  const file = schema.parse(JSON.parse(bytes.toString('utf8')));
  const root = roots.find(({ rootEpochId }) => rootEpochId === file.rootEpochId);
  if (root === undefined || file.incarnationId !== incarnationId) return null;
  const privateHalf = openPrivateHalf(root, incarnationId, Buffer.from(file.sealed, 'base64'));
  return privateHalf && { rootEpochId: file.rootEpochId, privateHalf };
}

export function writeMemberKey(
  directory: DataDirectory,
  incarnationId: string,
  root: Root,
  privateHalf: KeyObject,
): void {
  const sealed = Buffer.from(sealPrivateHalf(root, incarnationId, privateHalf)).toString('base64');
  directory.writeLocal(
    FILE,
    Buffer.from(JSON.stringify({ incarnationId, rootEpochId: root.rootEpochId, sealed })),
  );
}
