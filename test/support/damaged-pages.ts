/** Damages single pages of a store that does not run, in place, and mends them again: a copy of the file would be another life. */
import { closeSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const PAGE_BYTES = 4096;

export class Pages {
  readonly #path: string;

  constructor(dataDirectory: string) {
    this.#path = join(dataDirectory, 'kma.db');
  }

  /** A leaf of a table that holds one of these texts; a row of a clustered table may also lie above the leaves. */
  leafWith(table: string, texts: readonly string[]): number {
    const file = readFileSync(this.#path);
    const holds = (page: number) => texts.some((text) => this.#page(file, page).includes(text));
    const found = this.#leaves(table).find(holds);
    if (found === undefined) throw new Error(`no leaf of ${table} has one of ${texts.length} texts`);
    return found;
  }
  /** The last leaf of a table: where the next row goes. */
  lastLeaf(table: string): number {
    return this.#leaves(table).at(-1) ?? 0;
  }
  /** A leaf that is neither the first nor the last. */
  middleLeaf(table: string): number {
    const leaves = this.#leaves(table);
    return leaves[Math.floor(leaves.length / 2)] ?? 0;
  }

  /** Inverts a whole page, or again, which mends it. */
  invert(page: number): void {
    this.#change((page - 1) * PAGE_BYTES, PAGE_BYTES);
  }
  /** Inverts one byte of the value, in the one place of the file where it stands; or again, which mends it. */
  invertByteOf(value: Uint8Array): void {
    const file = readFileSync(this.#path);
    const at = file.indexOf(value.subarray(0, -1));
    if (at < 0) throw new Error('the value stands nowhere');
    this.#change(at + value.length - 1, 1);
  }

  /** Everything into the file itself, so that pages can be found there. */
  settle(): void {
    const database = new DatabaseSync(this.#path);
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    database.close();
  }

  #leaves(table: string): number[] {
    const database = new DatabaseSync(this.#path, { readOnly: true });
    try {
      const sql = `SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf' ORDER BY path`;
      return database
        .prepare(sql)
        .all(table)
        .map(({ pageno }) => Number(pageno));
    } finally {
      database.close();
    }
  }

  #page(file: Buffer, page: number): Buffer {
    return file.subarray((page - 1) * PAGE_BYTES, page * PAGE_BYTES);
  }

  #change(at: number, length: number): void {
    const file = openSync(this.#path, 'r+');
    const bytes = Buffer.alloc(length);
    readSync(file, bytes, 0, length, at);
    writeSync(
      file,
      bytes.map((byte) => byte ^ 0xff),
      0,
      length,
      at,
    );
    closeSync(file);
  }
}
