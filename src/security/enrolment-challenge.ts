/** The challenges of port 3331 (D6): computed from a short-lived key and never stored, so that strangers fill no memory. */
import { createHmac } from 'node:crypto';
import type { SecretBytes } from './secret-bytes.ts';

/** Protocol 3.1: exactly 20 bytes. */
const CHALLENGE_BYTES = 20;
const WINDOW_MS = 60_000;
/** This minute and the two before: a slow agent has two to three minutes. */
const WINDOWS = 3;

export class EnrolmentChallenges {
  readonly #key: SecretBytes;

  /** The key lives as long as the process; a challenge of the process before is void. */
  constructor(key: SecretBytes) {
    this.#key = key;
  }

  /** Also for names nobody has, so that the answer tells nothing. */
  challenge(entity: string, rootPem: string, nowMs: number): Buffer {
    return this.#ofWindow(entity, rootPem, Math.floor(nowMs / WINDOW_MS));
  }

  /** Newest first. */
  valid(entity: string, rootPem: string, nowMs: number): Buffer[] {
    const current = Math.floor(nowMs / WINDOW_MS);
    return Array.from({ length: WINDOWS }, (_, age) => this.#ofWindow(entity, rootPem, current - age));
  }

  #ofWindow(entity: string, rootPem: string, window: number): Buffer {
    return createHmac('sha256', this.#key.reveal())
      .update(JSON.stringify([entity, rootPem, window]))
      .digest()
      .subarray(0, CHALLENGE_BYTES);
  }
}
