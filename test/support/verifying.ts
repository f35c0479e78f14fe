/** What tests of "backup verify" share: a request with a scratch directory of its own, and a backup that is sound in its files alone. */
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { encryptFile, makeBackupKey } from '../../src/backup/backup-file.ts';
import { writeBackupKeyFile } from '../../src/backup/backup-key-file.ts';
import { decryptBackup, openBackup, readBackup } from '../../src/backup/opened-backup.ts';
import { type VerifiedBackup, verifyBackup } from '../../src/backup/verify/verify.ts';
import { isRefusal, type Refusal } from '../../src/core/refusal.ts';
import { SecretBytes } from '../../src/security/secret-bytes.ts';
import { stateHash } from '../../src/store/state-hash.ts';
import { openStore } from '../../src/store/store.ts';
import { type Person, QUORUM } from './kma.ts';
import type { RestoreFiles } from './restoring.ts';

export class Verifying {
  readonly scratch: string;
  /** Steps and notes, in their order. */
  readonly said: string[] = [];

  constructor(folder: string) {
    this.scratch = mkdtempSync(join(folder, 'scratch-'));
  }

  get left(): readonly string[] {
    return readdirSync(this.scratch);
  }

  run(
    files: RestoreFiles | readonly string[],
    { quorum = QUORUM, sample = 100 }: { quorum?: readonly Person[]; sample?: number | 'all' } = {},
  ): Promise<VerifiedBackup | Refusal> {
    const say = (text: string) => void this.said.push(text);
    return verifyBackup({
      files: 'backupFile' in files ? listOf(files) : files,
      quorum: async () => quorum.map(credentialOf),
      sample,
      scratch: this.scratch,
      step: say,
      note: say,
      progress: () => undefined,
    });
  }
}

export function listOf({ coreSecurityBackup, backupFile, backupKeyFile }: RestoreFiles): string[] {
  return [backupFile, backupKeyFile, coreSecurityBackup];
}

const credentialOf = ({ name, passphrase }: Person) => ({
  name,
  passphrase: SecretBytes.fromText(passphrase),
});

/** The pair as its KMA would have made it of another database: opened, altered, sealed and hashed anew; its key file may say what is not true. */
export async function rebuilt(
  files: RestoreFiles,
  into: string,
  alter: (database: DatabaseSync) => void,
  untrue: { readonly stateHash?: string } = {},
): Promise<RestoreFiles> {
  const read = await readBackup(files);
  if (isRefusal(read)) throw new Error(read.detail);
  const opened = await openBackup(read, QUORUM.map(credentialOf));
  if (isRefusal(opened)) throw new Error(opened.detail);
  const folder = mkdtempSync(join(into, 'rebuilt-'));
  const plain = join(folder, 'plain');
  await decryptBackup(opened, plain);
  const database = new DatabaseSync(plain);
  alter(database);
  database.close();
  const backupFile = join(folder, 'OKM-Backup.dat');
  const backupKeyFile = join(folder, 'OKM-BackupKey.json');
  const key = await makeBackupKey();
  const { sha256: fileSha256, bytes: fileBytes } = await encryptFile(plain, backupFile, key.recipient);
  const { format: _, sealedIdentity: __, ...described } = read.keyFile;
  const text = writeBackupKeyFile(opened.rootKeyMaterial, SecretBytes.fromText(key.identity), {
    ...described,
    ...{ stateHash: untrue.stateHash ?? hashOf(plain), fileSha256, fileBytes },
  });
  writeFileSync(backupKeyFile, text, { mode: 0o600 });
  return { ...files, backupFile, backupKeyFile };
}

function hashOf(path: string): string {
  const store = openStore({ path, mode: 'read' });
  try {
    return stateHash(store);
  } finally {
    store.close();
  }
}
