/** Key bytes, passphrases and shares in a type of their own, which cannot be printed or serialised by accident. */
import { inspect } from 'node:util';

const HIDDEN = '[secret]';

export class SecretBytes {
  readonly #bytes: Buffer;

  /** Takes the bytes over: the caller must not keep or change them. */
  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
  static fromText(text: string): SecretBytes {
    return new SecretBytes(Buffer.from(text, 'utf8'));
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

/** Wipes the secrets among the fields of an input that was used. */
export function wipeSecretsIn(fields: unknown): void {
  if (typeof fields !== 'object' || fields === null) return;
  for (const value of Object.values(fields)) if (value instanceof SecretBytes) value.wipe();
}
