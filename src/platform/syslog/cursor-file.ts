/** Up to which audit record a receiver has everything, on disk: written now and then and whole, so that a crash repeats a little and loses nothing. It decides on no record. */
import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';

const NUMBER = /^[1-9]\d{0,14}\n$/;

export class CursorFile {
  readonly #path: string;
  #saved: number | null;
  #saving: Promise<void> | null = null;

  constructor(path: string) {
    this.#path = path;
    this.#saved = readNumber(path);
  }

  /** Null where there is none, or none that can be read. */
  get row(): number | null {
    return this.#saved;
  }

  /** Rejects where there is no space; what was there before stays. */
  async save(row: number): Promise<void> {
    while (this.#saving !== null) await this.#saving.catch(() => undefined);
    if (row === this.#saved) return;
    this.#saving = replace(this.#path, `${row}\n`);
    try {
      await this.#saving;
      this.#saved = row;
    } finally {
      this.#saving = null;
    }
  }

  /** After what is being written. */
  async remove(): Promise<void> {
    await this.#saving?.catch(() => undefined);
    rmSync(this.#path, { force: true });
  }
}

function readNumber(path: string): number | null {
  try {
    const text = readFileSync(path, 'latin1');
    return NUMBER.test(text) ? Number(text) : null;
  } catch {
    return null;
  }
}

async function replace(path: string, text: string): Promise<void> {
  const aside = `${path}.${randomBytes(4).toString('hex')}~`;
  try {
    const file = await open(aside, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(aside, path);
  } catch (error) {
    await rm(aside, { force: true }).catch(() => undefined);
    throw error;
  }
}
