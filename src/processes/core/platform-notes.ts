/** What parts of the platform note becomes audit records, as many as people read and no more: what comes faster is counted, and the count recorded. It believes none of it. */
import type { PlatformNote } from '../../platform/part.ts';
import { Bucket } from './front-rate.ts';

export interface PlatformNotesParts {
  readonly elapsedMs: () => number;
  readonly record: (part: string, note: PlatformNote) => void;
}

/** Each costs the core a commit. */
const NOTES_PER_SECOND = 2;
const BURST_SECONDS = 50;

export class PlatformNotes {
  readonly #parts: PlatformNotesParts;
  readonly #bucket: Bucket;
  readonly #leftOut = new Map<string, number>();

  constructor(parts: PlatformNotesParts) {
    this.#parts = parts;
    this.#bucket = new Bucket(NOTES_PER_SECOND, parts.elapsedMs(), BURST_SECONDS);
  }

  note(part: string, note: PlatformNote): void {
    if (this.#takes()) this.#parts.record(part, note);
    else this.#leftOut.set(part, (this.#leftOut.get(part) ?? 0) + 1);
  }

  /** Every minute. */
  flush(): void {
    for (const [part, count] of this.#leftOut) {
      if (!this.#takes()) return;
      this.#leftOut.delete(part);
      const message = `count=${count}`;
      this.#parts.record(part, { severity: 'warning', condition: 'Platform notes left out', message });
    }
  }

  #takes(): boolean {
    if (this.#bucket.level(this.#parts.elapsedMs()) < 1) return false;
    this.#bucket.take(1);
    return true;
  }
}
