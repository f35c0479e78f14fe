/** The backup file: a snapshot of the store, encrypted as a stream with age to a recipient made for it alone. It never sees the identity when it encrypts. */
import { createHash } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import * as age from 'age-encryption';

/** O_SYNC in place of fsync, which Node's permission model forbids. */
const SYNCED = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_SYNC;

/** Told again and again how many bytes are done. */
export type BytesDone = (bytes: number) => void;

export interface WrittenFile {
  readonly sha256: string;
  readonly bytes: number;
}

/** A fresh age key pair: the recipient is public, the identity text opens the backup. */
export async function makeBackupKey(): Promise<{ readonly identity: string; readonly recipient: string }> {
  const identity = await age.generateIdentity();
  return { identity, recipient: await age.identityToRecipient(identity) };
}

/** Encrypts `from` into the new file `to` (0600, synced) in constant memory; `progress` gets plaintext bytes done. */
export async function encryptFile(
  from: string,
  to: string,
  recipient: string,
  progress?: BytesDone,
): Promise<WrittenFile> {
  const encrypter = new age.Encrypter();
  encrypter.addRecipient(recipient);
  const plain = openFile(from, progress);
  try {
    return await writeStream(to, await encrypter.encrypt(plain.stream));
  } finally {
    plain.close();
  }
}

/** Decrypts into the new file `to` (0600, synced). Throws on any damage; the caller removes what was written. */
export async function decryptFile(
  from: string,
  to: string,
  identity: string,
  progress?: BytesDone,
): Promise<WrittenFile> {
  const decrypter = new age.Decrypter();
  decrypter.addIdentity(identity);
  const encrypted = openFile(from, progress);
  try {
    return await writeStream(to, await decrypter.decrypt(encrypted.stream));
  } finally {
    encrypted.close();
  }
}

/** Copies into the new file `to` (0600, synced piece by piece: one great flush at the end would hold up the store's commits). */
export async function copyFile(from: string, to: string): Promise<WrittenFile> {
  const original = openFile(from);
  try {
    return await writeStream(to, original.stream);
  } finally {
    original.close();
  }
}

/** SHA-256 and length of a file, read in pieces. */
export async function hashFile(path: string, progress?: BytesDone): Promise<WrittenFile> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
    hash.update(chunk);
    bytes += chunk.length;
    progress?.(bytes);
  }
  return { sha256: hash.digest('hex').toUpperCase(), bytes };
}

/** A file as a web stream of pieces, pulled as they are needed; whoever stops before its end has to close it. */
function openFile(
  path: string,
  progress?: BytesDone,
): { readonly stream: ReadableStream<Uint8Array>; close(): void } {
  const file = createReadStream(path, { highWaterMark: 256 * 1024 });
  async function* pieces(): AsyncGenerator<Uint8Array> {
    let done = 0;
    for await (const chunk of file) {
      done += chunk.length;
      progress?.(done);
      yield chunk;
    }
  }
  return { stream: ReadableStream.from(pieces()), close: () => void file.destroy() };
}

async function writeStream(to: string, stream: ReadableStream<Uint8Array>): Promise<WrittenFile> {
  const file = await open(to, SYNCED, 0o600);
  try {
    return await drain(stream, file);
  } finally {
    await file.close();
  }
}

/** Each write waits for the disk, and so does every commit of the store behind it: few writes, but none so long that agents notice. */
const WRITE_BYTES = 1024 * 1024;

async function drain(stream: ReadableStream<Uint8Array>, file: FileHandle): Promise<WrittenFile> {
  const hash = createHash('sha256');
  let [bytes, waiting] = [0, 0];
  let pieces: Uint8Array[] = [];
  const flush = async () => {
    if (waiting > 0) await writeWhole(file, Buffer.concat(pieces, waiting));
    pieces = [];
    waiting = 0;
  };
  for await (const chunk of stream) {
    hash.update(chunk);
    bytes += chunk.length;
    pieces.push(chunk);
    waiting += chunk.length;
    if (waiting >= WRITE_BYTES) await flush();
  }
  await flush();
  return { sha256: hash.digest('hex').toUpperCase(), bytes };
}

/** A disk that fills up takes a part and refuses the rest. */
async function writeWhole(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at)).bytesWritten;
}
