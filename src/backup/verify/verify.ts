/** Verifies the files of a backup where they lie: opens them with a quorum in a sandbox, proves that a restore would give a sound KMA, and measures it. It needs no KMA and keeps nothing. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { isRefusal, type Refusal, refuse } from '../../core/refusal.ts';
import { OpenKmaError } from '../../errors.ts';
import type { Credential } from '../../operations/operation.ts';
import { selfTestFirst } from '../../setup/self-test-first.ts';
import { asStoreError } from '../../store/database.ts';
import { stateHash } from '../../store/state-hash.ts';
import { openStore, type Store } from '../../store/store.ts';
import { decryptBackup, type OpenedBackup, openBackup, readBackup } from '../opened-backup.ts';
import { type AuditStanding, auditStanding } from './audit-standing.ts';
import { type CheckedKeys, checkKeys } from './check-keys.ts';
import { openMasterKeys, tryRootCa } from './check-security.ts';
import { type Contents, type CoreSecurityStanding, contentsOf, coreSecurityStanding } from './contents.ts';
import { sortFiles } from './given-files.ts';
import { inSandbox, scratchObstacle } from './sandbox.ts';
import { type StepTime, StepTimes } from './step-times.ts';

export interface VerifyRequest {
  /** Backup file, backup key file and core security backup, in any order. */
  readonly files: readonly string[];
  /** Asked for once the files are known to be whole; people come to the keyboard last. Used up. */
  readonly quorum: () => Promise<readonly Credential[]>;
  /** How many keys are opened. */
  readonly sample: number | 'all';
  /** Where the sandbox is made. */
  readonly scratch: string;
  /** A step begins. */
  readonly step: (text: string) => void;
  /** Something that somebody has to know. */
  readonly note: (text: string) => void;
  readonly progress: (done: number, total: number, text: string) => void;
}

export interface VerifiedBackup extends Contents, CoreSecurityStanding, CheckedKeys, AuditStanding {
  readonly kmaName: string;
  readonly backupId: string;
  readonly backupMadeAt: string;
  readonly fileBytes: number;
  readonly stateHash: string;
  readonly steps: readonly StepTime[];
  /** Of a restore with such files on such a machine, as measured; people and files have to come first. */
  readonly minutesToRestore: number;
}

export function verifyBackup(request: VerifyRequest): Promise<VerifiedBackup | Refusal> {
  const times = new StepTimes(request.step);
  times.begin('testing the cryptography', 'restore');
  return selfTestFirst(() => verifyFiles(request, times));
}

async function verifyFiles(request: VerifyRequest, times: StepTimes): Promise<VerifiedBackup | Refusal> {
  const files = sortFiles(request.files);
  if (isRefusal(files)) return files;
  times.begin('checking the backup file', 'restore');
  const bytes = statSync(files.backupFile).size;
  const read = await readBackup(files, (done) => request.progress(done, bytes, 'checked'));
  if (isRefusal(read)) return read;
  const obstacle = scratchObstacle(request.scratch, read.keyFile.fileBytes);
  if (obstacle !== null) return obstacle;
  times.end();
  const quorum = await request.quorum();
  times.begin('opening the key split with the quorum', 'restore');
  const opened = await openBackup(read, quorum);
  for (const { passphrase } of quorum) passphrase.wipe();
  if (isRefusal(opened)) return opened;
  try {
    return await inSandbox(request.scratch, request.note, (directory) =>
      verifyIn(directory, opened, request, times),
    );
  } catch (error) {
    return findingOf(error);
  } finally {
    opened.rootKeyMaterial.wipe();
    opened.identity.wipe();
  }
}

async function verifyIn(
  directory: string,
  opened: OpenedBackup,
  request: VerifyRequest,
  times: StepTimes,
): Promise<VerifiedBackup | Refusal> {
  const path = join(directory, 'backup.db');
  times.begin('decrypting the backup', 'restore');
  const { fileBytes } = opened.keyFile;
  const unreadable = await decryptBackup(opened, path, (done) =>
    request.progress(done, fileBytes, 'decrypted'),
  );
  if (unreadable !== null) return unreadable;
  times.begin('checking the state', 'restore');
  const store = openedStore(path);
  if (isRefusal(store)) return store;
  try {
    if (stateHash(store) !== opened.keyFile.stateHash)
      return refuse('BACKUP_UNSOUND', 'its state is not the one that the backup key file tells of');
    times.begin('making a new identity with the root CA', 'restore');
    const unsigned = await tryRootCa(store, opened);
    return unsigned ?? (await verifyStore(store, opened, request, times));
  } finally {
    store.close();
  }
}

/** Brought up to the schema of this version, as a restore does it. */
function openedStore(path: string): Store | Refusal {
  try {
    return openStore({ path, mode: 'write' });
  } catch (error) {
    const known = asStoreError(error);
    if (known instanceof OpenKmaError) throw known;
    return refuse(
      'BACKUP_UNSOUND',
      `the database does not open: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

async function verifyStore(
  store: Store,
  opened: OpenedBackup,
  { sample }: VerifyRequest,
  times: StepTimes,
): Promise<VerifiedBackup | Refusal> {
  times.begin('checking the database', 'check');
  const damage = await damageOf(store);
  if (damage !== undefined) return refuse('BACKUP_UNSOUND', `the database is damaged: ${damage}`);
  times.begin('checking the audit', 'check');
  const audit = auditStanding(store, opened.keyFile.kmaName);
  if (isRefusal(audit)) return audit;
  times.begin(sample === 'all' ? 'opening all keys' : `opening ${sample} keys`, 'check');
  const keys = await openKeys(store, opened, sample);
  if (isRefusal(keys)) return keys;
  const contents = await contentsOf(store);
  times.end();
  const { kmaName, backupId, createdAt: backupMadeAt, fileBytes, stateHash: state } = opened.keyFile;
  return {
    ...{ kmaName, backupId, backupMadeAt, fileBytes, stateHash: state },
    ...contents,
    ...keys,
    ...audit,
    ...coreSecurityStanding(store, opened),
    steps: times.steps,
    minutesToRestore: times.minutesToRestore,
  };
}

async function openKeys(
  store: Store,
  opened: OpenedBackup,
  sample: VerifyRequest['sample'],
): Promise<CheckedKeys | Refusal> {
  const masterKeys = openMasterKeys(store, opened);
  if (isRefusal(masterKeys)) return masterKeys;
  try {
    return await checkKeys(store, { masterKey: (epoch) => masterKeys.get(epoch), sample, nowMs: Date.now() });
  } finally {
    for (const key of masterKeys.values()) key.wipe();
  }
}

/** A table at a time, so that a signal need not wait for all. */
async function damageOf(store: Store): Promise<string | undefined> {
  for (const damage of store.quickCheck()) {
    if (damage[0] !== undefined) return damage[0];
    await turn();
  }
  return undefined;
}

/** What the store throws is a fault of the scratch directory or of what is in the backup. */
function findingOf(error: unknown): Refusal {
  const known = asStoreError(error);
  if (!(known instanceof OpenKmaError)) throw error;
  switch (known.code) {
    case 'STORE_UNWRITABLE':
      return refuse('SCRATCH_UNUSABLE', known.detail);
    case 'STORE_DAMAGED':
    case 'DATA_DIRECTORY_EMPTY':
      return refuse('BACKUP_UNSOUND', known.detail);
    default:
      return refuse(known.code, known.detail);
  }
}
