/** The three files that a KMA is recovered from: read, found whole, opened with a quorum. It writes nothing but the decrypted database, where it is told to. */
import { readFileSync, statSync } from 'node:fs';
import { isRefusal, type Refusal, refuse } from '../core/refusal.ts';
import type { Credential } from '../operations/operation.ts';
import { openKeySplit } from '../security/key-split.ts';
import { sha256Hex } from '../security/sealing.ts';
import type { SecretBytes } from '../security/secret-bytes.ts';
import { asStoreError, isFull } from '../store/database.ts';
import { type BytesDone, decryptFile, hashFile } from './backup-file.ts';
import { type BackupKeyFile, openBackupIdentity, readBackupKeyFile } from './backup-key-file.ts';
import { type CoreSecurityFile, readCoreSecurityFile } from './core-security-file.ts';
import { TEXT_FILE_BYTES_MAX } from './text-file-size.ts';

export interface BackupFiles {
  readonly coreSecurityBackup: string;
  readonly backupFile: string;
  readonly backupKeyFile: string;
}
/** Whole, and the pair belongs together; whether the core security backup opens it only a quorum tells. */
export interface ReadBackup {
  readonly files: BackupFiles;
  readonly core: CoreSecurityFile;
  readonly keyFile: BackupKeyFile;
  readonly keyFileSha256: string;
}
/** Whoever has it wipes both secrets. */
export interface OpenedBackup extends ReadBackup {
  readonly rootKeyMaterial: SecretBytes;
  readonly identity: SecretBytes;
}

export async function readBackup(files: BackupFiles, progress?: BytesDone): Promise<ReadBackup | Refusal> {
  const given = [files.coreSecurityBackup, files.backupKeyFile, files.backupFile];
  const missing = given.find((path) => statSync(path, { throwIfNoEntry: false })?.isFile() !== true);
  if (missing !== undefined) return refuse('BACKUP_FILE_INVALID', `there is no file ${missing}`);
  const core = readCoreSecurityFile(readText(files.coreSecurityBackup));
  if (isRefusal(core)) return core;
  const keyFileText = readText(files.backupKeyFile);
  const keyFile = readBackupKeyFile(keyFileText);
  if (isRefusal(keyFile)) return keyFile;
  const found = await hashFile(files.backupFile, progress);
  if (found.sha256 !== keyFile.fileSha256 || found.bytes !== keyFile.fileBytes)
    return refuse('BACKUP_FILE_INVALID', 'the backup file is damaged, or belongs to another backup key file');
  return { files, core, keyFile, keyFileSha256: sha256Hex(Buffer.from(keyFileText)) };
}

/** A wrong name, a wrong passphrase and too few of them look alike. */
export async function openBackup(
  read: ReadBackup,
  quorum: readonly Credential[],
): Promise<OpenedBackup | Refusal> {
  const rootKeyMaterial = await openKeySplit(Buffer.from(read.core.keySplit, 'base64'), quorum);
  if (isRefusal(rootKeyMaterial)) return rootKeyMaterial;
  try {
    return { ...read, rootKeyMaterial, identity: openBackupIdentity(rootKeyMaterial, read.keyFile) };
  } catch {
    rootKeyMaterial.wipe();
    return refuse(
      'BACKUP_FILE_INVALID',
      'the core security backup and the backup key file belong to different clusters',
    );
  }
}

/** Into the new file `to`; null where it is there. Throws where it cannot be written, which is no fault of the backup. */
export async function decryptBackup(
  { files, identity }: OpenedBackup,
  to: string,
  progress?: BytesDone,
): Promise<Refusal | null> {
  try {
    await decryptFile(files.backupFile, to, identity.reveal().toString('utf8'), progress);
    return null;
  } catch (error) {
    if (isFull(error)) throw asStoreError(error);
    return refuse('BACKUP_FILE_INVALID', 'the backup file does not decrypt');
  }
}

function readText(path: string): string {
  return statSync(path).size > TEXT_FILE_BYTES_MAX ? '' : readFileSync(path, 'utf8');
}
