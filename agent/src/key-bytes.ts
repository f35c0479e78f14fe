/** The bytes of a key in a type of their own, which never appear in a log, a printout or JSON by accident. */
import { inspect } from 'node:util';

const HIDDEN = '[key bytes]';

export class KeyBytes {
  readonly #bytes: Buffer;

  /** Takes the bytes over: the caller must not keep or change them. */
  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get length(): number {
    return this.#bytes.length;
  }

  /** The bytes themselves, not a copy; named so that every use stands out in a review. */
  reveal(): Buffer {
    return this.#bytes;
  }

  /** Overwrites the bytes as far as the runtime allows. */
  wipe(): void {
    this.#bytes.fill(0);
  }

  [Symbol.dispose](): void {
    this.wipe();
  }
  toString(): string {
    return HIDDEN;
  }
  toJSON(): string {
    return HIDDEN;
  }
  [inspect.custom](): string {
    return HIDDEN;
  }
}
