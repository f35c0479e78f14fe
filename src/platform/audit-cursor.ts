/** How far in the audit one receiver is: a small file, replaced whole, at most once a second. Where it cannot be written it goes on in memory. */
import { readFileSync, rmSync } from 'node:fs';
import { z } from 'zod';
import { writePrivate } from './private-file.ts';

const WRITE_PAUSE_MS = 1_000;
const FILE_BYTES_MAX = 1_024;

const cursorSchema = z.strictObject({
  /** The last record that the receiver acknowledged, or that was left out. */
  row: z.int().min(0),
  /** Events left out that the receiver was not told of yet. */
  dropped: z.int().min(0),
});
export type CursorPlace = z.infer<typeof cursorSchema>;

export class AuditCursor {
  readonly #path: string;
  readonly #trouble: (text: string) => void;
  #place: CursorPlace | null;
  #timer: NodeJS.Timeout | null = null;
  #written = true;

  /** `trouble` hears of a file that cannot be written, once. */
  constructor(path: string, trouble: (text: string) => void) {
    this.#path = path;
    this.#trouble = trouble;
    this.#place = readPlace(path);
  }

  /** Null of a receiver that is new. */
  get place(): CursorPlace | null {
    return this.#place;
  }

  move(place: CursorPlace): void {
    this.#place = place;
    this.#timer ??= setTimeout(() => this.write(), WRITE_PAUSE_MS);
  }

  write(): void {
    if (this.#timer === null) return;
    clearTimeout(this.#timer);
    this.#timer = null;
    try {
      writePrivate(this.#path, JSON.stringify(this.#place));
      this.#written = true;
    } catch (error) {
      if (this.#written) this.#trouble(`${this.#path} cannot be written: ${String(error)}`);
      this.#written = false;
    }
  }

  /** The receiver is gone: one of the same name begins anew. */
  remove(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    rmSync(this.#path, { force: true });
  }
}

function readPlace(path: string): CursorPlace | null {
  try {
    const text = readFileSync(path, 'utf8');
    return text.length > FILE_BYTES_MAX ? null : (cursorSchema.safeParse(JSON.parse(text)).data ?? null);
  } catch {
    return null;
  }
}
