/** Input and output of encrypt and decrypt: files or standard streams; a file appears whole or not at all. */
import { randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream, rmSync } from 'node:fs';
import { link, open, rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ByteStream } from '../container.ts';
import { AgentError } from '../errors.ts';

const CHUNK_BYTES = 65_536;
const OUTPUT_MODE = 0o600;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Opened now, so that a missing file is noticed before a key is made for it. */
export async function openInput(path: string | undefined): Promise<ByteStream> {
  if (path === undefined || path === '-') return process.stdin;
  const file = await open(path, 'r');
  if ((await file.stat()).isDirectory()) {
    await file.close();
    throw new AgentError('usage', `${path} is a directory`);
  }
  return createReadStream('', { fd: file, highWaterMark: CHUNK_BYTES });
}

export interface Destination {
  readonly isStdout: boolean;
  /** Writes all of `content` and returns its length in bytes. */
  write(content: ByteStream): Promise<number>;
}

export function destination(path: string | undefined, overwrite: boolean): Destination {
  if (path === undefined || path === '-')
    return { isStdout: true, write: (content) => copy(content, process.stdout, false) };
  return { isStdout: false, write: (content) => writeFile(path, content, overwrite) };
}

async function writeFile(path: string, content: ByteStream, overwrite: boolean): Promise<number> {
  const part = `${path}.${randomBytes(6).toString('hex')}.part`;
  try {
    const target = createWriteStream(part, { flags: 'wx', mode: OUTPUT_MODE, flush: true });
    const bytes = await removedOnSignal(part, () => copy(content, target, true));
    if (overwrite) await rename(part, path);
    else await link(part, path);
    return bytes;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') throw existsAlready(path);
    throw error;
  } finally {
    await rm(part, { force: true });
  }
}

async function copy(content: ByteStream, target: NodeJS.WritableStream, end: boolean): Promise<number> {
  let bytes = 0;
  async function* counted() {
    for await (const chunk of content) {
      bytes += chunk.length;
      yield chunk;
    }
  }
  await pipeline(Readable.from(counted(), { objectMode: true, highWaterMark: 1 }), target, { end });
  return bytes;
}

/** A signal ends the process as it would without us, but for the part that was written. */
async function removedOnSignal<Result>(part: string, work: () => Promise<Result>): Promise<Result> {
  const stop = (signal: NodeJS.Signals) => {
    rmSync(part, { force: true });
    process.kill(process.pid, signal);
  };
  for (const signal of SIGNALS) process.once(signal, stop);
  try {
    return await work();
  } finally {
    for (const signal of SIGNALS) process.off(signal, stop);
  }
}

export function existsAlready(path: string): AgentError {
  return new AgentError('conflict', `${path} exists already; --force replaces it`);
}
