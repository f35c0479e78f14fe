/** The file of "--output", of its owner alone. Looked at before any work is done; under another name until it is whole. It makes no text. */
import { randomBytes } from 'node:crypto';
import { createWriteStream, lstatSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { OpenKmaError } from '../../errors.ts';

const FILE_MODE = 0o600;

/** Work that cannot be undone is not begun where its result could not be written. */
export function assertWritable(path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found !== undefined && !found.isFile())
    throw new OpenKmaError('USAGE', `--output ${path} is no file that can be replaced`);
  const part = partOf(path);
  try {
    writeFileSync(part, '', { mode: FILE_MODE, flag: 'wx' });
  } catch (error) {
    throw new OpenKmaError('USAGE', `--output: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    rmSync(part, { force: true });
  }
}

export function writeText(path: string, text: string): void {
  const part = partOf(path);
  try {
    writeFileSync(part, text, { mode: FILE_MODE, flag: 'wx', flush: true });
    renameSync(part, path);
  } finally {
    rmSync(part, { force: true });
  }
}

/** As they come. */
export async function writePieces(path: string, pieces: AsyncIterable<string>): Promise<void> {
  const part = partOf(path);
  try {
    await pipeline(pieces, createWriteStream(part, { flags: 'wx', mode: FILE_MODE, flush: true }));
    renameSync(part, path);
  } finally {
    rmSync(part, { force: true });
  }
}

const partOf = (path: string): string => `${path}.${randomBytes(4).toString('hex')}.part`;
