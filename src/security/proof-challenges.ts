/** The core's half of a modern proof's first message (D6): challenge and one-time public key, computed from a short-lived key and never stored, so that strangers fill no memory. */
import { createHmac } from 'node:crypto';
import { type ProofRole, x25519PublicKey } from '@openkma/protocol';
import { SecretBytes } from './secret-bytes.ts';

const WINDOW_MS = 60_000;
/** This minute and the two before: somebody on a slow machine has two to three minutes. */
const WINDOWS = 3;

/** What the first message asked, and under which root CA it is answered. */
export interface ProofQuestion {
  readonly role: ProofRole;
  readonly entityId: string;
  readonly clientNonce: Uint8Array;
  readonly rootPem: string;
}
export interface ProofChallenge {
  readonly serverChallenge: Buffer;
  /** X25519. The private half is computed again when it is needed, and dies with the process's key. */
  readonly oneTimePublicKey: Buffer;
}
export interface ValidChallenge extends ProofChallenge {
  /** Of the one-time key; made when it is asked for. */
  privateHalf(): SecretBytes;
}

export class ProofChallenges {
  readonly #key: SecretBytes;

  /** The key lives as long as the process; a challenge of the process before is void. */
  constructor(key: SecretBytes) {
    this.#key = key;
  }

  /** Also for names nobody has, so that the answer tells nothing. */
  challenge(question: ProofQuestion, nowMs: number): ProofChallenge {
    return this.#ofWindow(question, Math.floor(nowMs / WINDOW_MS));
  }

  /** Newest first. */
  valid(question: ProofQuestion, nowMs: number): ValidChallenge[] {
    const current = Math.floor(nowMs / WINDOW_MS);
    return Array.from({ length: WINDOWS }, (_, age) => ({
      ...this.#ofWindow(question, current - age),
      privateHalf: () => new SecretBytes(this.#derive('one-time key', question, current - age)),
    }));
  }

  #ofWindow(question: ProofQuestion, window: number): ProofChallenge {
    const privateBytes = this.#derive('one-time key', question, window);
    const oneTimePublicKey = x25519PublicKey(privateBytes);
    privateBytes.fill(0);
    return { serverChallenge: this.#derive('challenge', question, window), oneTimePublicKey };
  }

  #derive(purpose: string, { role, entityId, clientNonce, rootPem }: ProofQuestion, window: number): Buffer {
    const nonce = Buffer.from(clientNonce).toString('base64');
    return createHmac('sha256', this.#key.reveal())
      .update(JSON.stringify([purpose, role, entityId, nonce, rootPem, window]))
      .digest();
  }
}
