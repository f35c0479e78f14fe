/** Writes files that are on disk when the call returns, without fsync calls, which Node's permission model forbids; it follows no links. */
import { closeSync, constants, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** O_SYNC: each write returns when data and length are on disk. */
const CREATE_SYNCED =
  constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_SYNC | constants.O_NOFOLLOW;

/** A new file, 0600. */
export function createSynced(path: string, bytes: Uint8Array): void {
  const descriptor = openSync(path, CREATE_SYNCED, 0o600);
  try {
    for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
  } finally {
    closeSync(descriptor);
  }
}

/** Replaces the file whole or not at all, whenever the machine stops. */
export function replaceSynced(path: string, bytes: Uint8Array): void {
  const temporary = `${path}~`;
  rmSync(temporary, { force: true });
  createSynced(temporary, bytes);
  renameSync(temporary, path);
  syncDirectory(dirname(path));
}

/** Names are made durable too where that is allowed; in the confined core the next commit of the store does it, on file systems with one journal. */
export function syncDirectory(path: string): void {
  if (process.permission !== undefined) return;
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
