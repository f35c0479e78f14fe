/** This machine's own secrets as local files of the data directory (D14, class local): never replicated, never in a backup. */
import { z } from 'zod';
import type { IncarnationId, KmaId } from '../core/ids.ts';
import { OpenKmaError } from '../errors.ts';
import { SecretBytes } from '../security/secret-bytes.ts';
import type { DataDirectory } from '../store/data-directory.ts';
import type { LocalIdentity } from './foundation.ts';

const schema = z.strictObject({ kmaId: z.string(), incarnationId: z.string(), kmaName: z.string() });

export interface StoredIdentity {
  readonly kmaId: KmaId;
  readonly incarnationId: IncarnationId;
  readonly kmaName: string;
}

/** Wipes the private halves: from now on they are read from the files. */
export function writeIdentity(directory: DataDirectory, identity: LocalIdentity, kmaName: string): void {
  directory.writeLocal('log-seed', identity.logSeed.reveal());
  directory.writeLocal('tls-key.pem', identity.tlsPrivateKeyPem.reveal());
  identity.logSeed.wipe();
  identity.tlsPrivateKeyPem.wipe();
  const { kmaId, incarnationId } = identity;
  writeIdentityJson(directory, { kmaId, incarnationId, kmaName });
}

export function writeIdentityJson(directory: DataDirectory, identity: StoredIdentity): void {
  directory.writeLocal('identity.json', Buffer.from(`${JSON.stringify(identity, null, 2)}\n`));
}

export function readIdentity(directory: DataDirectory): StoredIdentity {
  return schema.parse(JSON.parse(required(directory, 'identity.json').toString('utf8'))) as StoredIdentity;
}

export function readLogSeed(directory: DataDirectory): SecretBytes {
  return new SecretBytes(required(directory, 'log-seed'));
}

export function readTlsKeyPem(directory: DataDirectory): string {
  return required(directory, 'tls-key.pem').toString('utf8');
}

function required(directory: DataDirectory, name: string): Buffer {
  const bytes = directory.readLocal(name);
  if (bytes === undefined)
    throw new OpenKmaError('CORE_SECURITY_NOT_FOUND', `${directory.path}/local/${name} is missing`);
  return bytes;
}
