/** The two files of autonomous unlocking: a key beside the data directory, and the root key material wrapped under it inside (D5). Neither is in a backup. */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { OpenKmaError } from '../errors.ts';
import { unwrapRoot, wrapRoot } from '../security/autonomous-unlock.ts';
import { SecretBytes } from '../security/secret-bytes.ts';
import type { DataDirectory } from '../store/data-directory.ts';
import { replaceSynced } from '../store/synced-file.ts';

const WRAPPED = 'autonomous-unlock';

export function autonomousUnlockKeyPath(directoryPath: string): string {
  return `${directoryPath}.unlock-key`;
}

/** A key that is there and fits stays. The key is written last, so that one without its counterpart is never ours. */
export function enableAutonomousUnlock(directory: DataDirectory, rootKeyMaterial: SecretBytes): void {
  const path = autonomousUnlockKeyPath(directory.path);
  const state = autonomousUnlockState(directory);
  if (state === 'foreign key') throw new Error(`${path} is the unlock key of another KMA`);
  const key = new SecretBytes(state === 'on' ? readFileSync(path) : randomBytes(32));
  directory.writeLocal(WRAPPED, wrapRoot(key, rootKeyMaterial));
  if (state === 'off') replaceSynced(path, key.reveal());
  key.wipe();
}

export function disableAutonomousUnlock(directory: DataDirectory): void {
  // A key of another KMA is not ours to remove: nothing else opens that KMA without a quorum.
  if (autonomousUnlockState(directory) !== 'foreign key')
    rmSync(autonomousUnlockKeyPath(directory.path), { force: true });
  directory.removeLocal(WRAPPED);
}

/** By the files alone, whatever was chosen. */
export function autonomousUnlockState(directory: DataDirectory): 'on' | 'off' | 'foreign key' {
  const path = autonomousUnlockKeyPath(directory.path);
  if (!existsSync(path)) return 'off';
  return fitsUnlockKey(directory, path) ? 'on' : 'foreign key';
}

export function autonomousUnlockEnabled(directory: DataDirectory): boolean {
  return directory.readLocal(WRAPPED) !== undefined && existsSync(autonomousUnlockKeyPath(directory.path));
}

/** The root key material, or null where autonomous unlocking is off or its files do not fit together. */
export function openAutonomously(directory: DataDirectory): SecretBytes | null {
  const wrapped = directory.readLocal(WRAPPED);
  if (wrapped === undefined || !autonomousUnlockEnabled(directory)) return null;
  const path = autonomousUnlockKeyPath(directory.path);
  if ((statSync(path).mode & 0o077) !== 0)
    throw new OpenKmaError('DATA_DIRECTORY_LOOSE', `chmod 600 ${path}`);
  const key = new SecretBytes(readFileSync(path));
  const root = unwrapRoot(key, wrapped);
  key.wipe();
  return root;
}

/** Whether the key in that file opens what the directory holds, wherever the two lie. */
export function fitsUnlockKey(directory: DataDirectory, keyPath: string): boolean {
  const wrapped = directory.readLocal(WRAPPED);
  if (wrapped === undefined || !existsSync(keyPath)) return false;
  const key = new SecretBytes(readFileSync(keyPath));
  const root = unwrapRoot(key, wrapped);
  key.wipe();
  root?.wipe();
  return root !== null;
}
