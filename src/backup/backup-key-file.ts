/** The backup key file: the key of one backup file, sealed under the root key material and bound to that very file. */
import { z } from 'zod';
import type { Refusal } from '../core/refusal.ts';
import { deriveKey, openSealedObject, sealObject } from '../security/sealing.ts';
import type { SecretBytes } from '../security/secret-bytes.ts';
import { readSealedText, sealText } from './core-security-file.ts';

export const BACKUP_KEY_FORMAT = 'openkma backup key 1';
const FILE_BYTES_MAX = 1024 * 1024;
const ROOT_LABEL = 'openkma database backup';
const hex = (bytes: number) => z.string().regex(new RegExp(`^[0-9A-F]{${bytes * 2}}$`));

const schema = z.strictObject({
  format: z.literal(BACKUP_KEY_FORMAT),
  backupId: hex(16),
  kmaName: z.string().max(64),
  createdAt: z.iso.datetime(),
  rootEpochId: hex(16),
  /** Entries of each incarnation's log that the snapshot contains. */
  vector: z.record(z.string(), z.int().min(0)),
  heldVector: z.record(z.string(), z.int().min(0)),
  stateHash: hex(32),
  fileSha256: hex(32),
  fileBytes: z.int().min(1),
  /** The age identity that opens the backup file, sealed, base64. */
  sealedIdentity: z.base64().max(4096),
});
export type BackupKeyFile = z.infer<typeof schema>;
type Description = Omit<BackupKeyFile, 'format' | 'sealedIdentity'>;

export function writeBackupKeyFile(
  rootKeyMaterial: SecretBytes,
  identity: SecretBytes,
  description: Description,
): string {
  const key = deriveKey(rootKeyMaterial, ROOT_LABEL);
  const sealed = sealObject(key, binding(description), identity);
  key.wipe();
  return sealText(
    JSON.stringify(
      { format: BACKUP_KEY_FORMAT, ...description, sealedIdentity: Buffer.from(sealed).toString('base64') },
      null,
      2,
    ),
  );
}

export function readBackupKeyFile(text: string): BackupKeyFile | Refusal {
  return readSealedText(text, FILE_BYTES_MAX, schema, 'backup key');
}

/** Throws where the root key material or any bound field is not the one it was sealed with. */
export function openBackupIdentity(rootKeyMaterial: SecretBytes, file: BackupKeyFile): SecretBytes {
  const key = deriveKey(rootKeyMaterial, ROOT_LABEL);
  try {
    return openSealedObject(key, binding(file), Buffer.from(file.sealedIdentity, 'base64'));
  } finally {
    key.wipe();
  }
}

/** Everything the identity is bound to: a swapped or altered file does not open. */
function binding(d: Description): { id: string; kind: string; owner: string; epoch: string } {
  const sorted = (vector: Record<string, number>) =>
    Object.entries(vector).sort(([a], [b]) => (a < b ? -1 : 1));
  const owner = JSON.stringify([
    d.kmaName,
    d.createdAt,
    sorted(d.vector),
    sorted(d.heldVector),
    d.stateHash,
    d.fileSha256,
    d.fileBytes,
  ]);
  return { id: d.backupId, kind: 'backup-identity', owner, epoch: d.rootEpochId };
}
