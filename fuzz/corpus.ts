/** Inputs that are kept: those worth changing further in fuzz/corpus, those that crashed in fuzz/crashes. It judges none. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));
/** What is committed stays small. */
const KEPT_BYTES_MAX = 2_048;
const KEPT_FILES_MAX = 100;

/** In the order of their names, which are hashes, so that a seed means the same everywhere. */
export function readCorpus(target: string): Uint8Array[] {
  const folder = join(FOLDER, 'corpus', target);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .map((name) => readFileSync(join(folder, name)));
}

export function keepInput(target: string, input: Uint8Array): void {
  const folder = join(FOLDER, 'corpus', target);
  mkdirSync(folder, { recursive: true });
  if (input.length <= KEPT_BYTES_MAX && readdirSync(folder).length < KEPT_FILES_MAX)
    writeFileSync(join(folder, nameOf(input)), input);
}

/** The file of an input that crashed, to be replayed. */
export function keepCrash(target: string, input: Uint8Array): string {
  const folder = join(FOLDER, 'crashes');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${target}-${nameOf(input)}`);
  writeFileSync(path, input);
  return path;
}

function nameOf(input: Uint8Array): string {
  return createHash('sha256').update(input).digest('hex').slice(0, 16);
}
