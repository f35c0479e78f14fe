/** Writes files that are on disk when the call returns, without fsync calls, which Node's permission model forbids; it follows no links. */
import { closeSync, constants, fsyncSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** O_SYNC: each write returns when data and length are on disk. */
const CREATE_SYNCED =
  constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_SYNC | constants.O_NOFOLLOW;

/** Bytes, or what makes them once the file is there and its identity known. */
export type FileContent = Uint8Array | ((identity: string) => Uint8Array);

/** Which file of its file system; moving keeps it, copying does not. Inodes are used again, so the birth is part of it. */
export function fileIdentity(path: string): string {
  const { ino, birthtimeNs } = statSync(path, { bigint: true });
  return `${ino}:${birthtimeNs}`;
}

/** A new file, 0600. */
export function createSynced(path: string, content: FileContent): void {
  const descriptor = openSync(path, CREATE_SYNCED, 0o600);
  try {
    const bytes = typeof content === 'function' ? content(fileIdentity(path)) : content;
    for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
  } finally {
    closeSync(descriptor);
  }
}

/** Replaces the file whole or not at all, whenever the machine stops. */
export function replaceSynced(path: string, content: FileContent): void {
  const temporary = `${path}~`;
  rmSync(temporary, { force: true });
  createSynced(temporary, content);
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
