/** What tests of backup and restore share: the request from files, the state as a hash, and an agent that follows its KMA to other ports. */
import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { after } from 'node:test';
import { KmaClient, loadProfile } from '@openkma/agent';
import { type Restored, type RestoreRequest, restore } from '../../src/backup/restore.ts';
import { type FetchedBackup, fetchCoreSecurityBackup } from '../../src/cli/backup-commands.ts';
import type { Refusal } from '../../src/core/refusal.ts';
import { SecretBytes } from '../../src/security/secret-bytes.ts';
import { stateHash } from '../../src/store/state-hash.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { OFFICER, type Person, QUORUM, TestKma } from './kma.ts';

export interface RestoreFiles {
  readonly coreSecurityBackup: string;
  readonly backupFile: string;
  readonly backupKeyFile: string;
}

/** The files of a database backup and the newest core security backup beside them. */
export function filesOf(backup: FetchedBackup): RestoreFiles {
  const [backupFile = '', backupKeyFile = ''] = backup.files;
  return { coreSecurityBackup: coreSecurityBackupIn(dirname(backupFile)), backupFile, backupKeyFile };
}

export function coreSecurityBackupIn(directory: string): string {
  const names = readdirSync(directory).filter((name) => name.startsWith('OKM-CoreSecurity-'));
  return join(directory, names.sort().at(-1) ?? 'none');
}

export function restoreFrom(
  files: RestoreFiles,
  dataDirectory: string,
  quorum: readonly Person[] = QUORUM,
  address = '127.0.0.1',
): Promise<Restored | Refusal> {
  const request: RestoreRequest = {
    ...files,
    dataDirectory,
    quorum: quorum.map(({ name, passphrase }) => ({ name, passphrase: SecretBytes.fromText(passphrase) })),
    serviceAddress: address,
    managementAddress: address,
    step: () => undefined,
  };
  return restore(request);
}

/** Names beside `dataDirectory` that belong to a restore: the directory itself, or what one left half done. */
export function traces(dataDirectory: string): string[] {
  return readdirSync(dirname(dataDirectory)).filter((name) => name.startsWith(basename(dataDirectory)));
}

export function withStore<T>(dataDirectory: string, look: (store: Store) => T): T {
  const store = openStore({ path: join(dataDirectory, 'kma.db'), mode: 'read' });
  try {
    return look(store);
  } finally {
    store.close();
  }
}

export function hashOf(dataDirectory: string): string {
  return withStore(dataDirectory, stateHash);
}

export function allKeyIds(dataDirectory: string): string[] {
  return withStore(dataDirectory, ({ database }) =>
    database
      .prepare('SELECT id FROM key')
      .all()
      .map(({ id }) => String(id)),
  );
}

/** Starts a KMA on a restored or copied directory and unlocks it, where it does not do so itself. */
export async function wake(data: string, folder: string): Promise<TestKma> {
  const kma = await TestKma.on(data, folder);
  if (kma.kma.locked()) await kma.ask('UnlockKma', {}, OFFICER, QUORUM);
  return kma;
}

/** An agent enrolled before, at the ports of this KMA. */
export async function returningAgent(kma: TestKma, profile: string): Promise<KmaClient> {
  return new KmaClient({ ...(await loadProfile(profile)), ports: kma.ports });
}

/** Of a KMA with key holders of the same names and passphrases; it is removed after the tests of the file. */
export async function anotherClustersCoreSecurityBackup(): Promise<string> {
  const other = await TestKma.start({ bare: true });
  after(() => other[Symbol.asyncDispose]());
  await fetchCoreSecurityBackup({ dataDirectory: other.data, user: OFFICER, to: other.backups });
  await other.stop();
  return coreSecurityBackupIn(other.backups);
}
