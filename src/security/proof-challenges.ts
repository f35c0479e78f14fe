/** The core's half of a modern proof's first message (D6): challenge and one-time public key, computed from a short-lived key and never stored, so that strangers fill no memory. */
import { createHmac, createPrivateKey, createPublicKey } from 'node:crypto';
import type { ProofRole } from '@openkma/protocol';
import type { SecretBytes } from './secret-bytes.ts';

const WINDOW_MS = 60_000;
/** This minute and the two before: somebody on a slow machine has two to three minutes. */
const WINDOWS = 3;
/** PKCS#8 of an X25519 key (RFC 8410) up to its 32 bytes, of which any will do. */
const X25519_PKCS8_HEAD = Buffer.from('302e020100300506032b656e04220420', 'hex');
const X25519_BYTES = 32;

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
  valid(question: ProofQuestion, nowMs: number): ProofChallenge[] {
    const current = Math.floor(nowMs / WINDOW_MS);
    return Array.from({ length: WINDOWS }, (_, age) => this.#ofWindow(question, current - age));
  }

  #ofWindow(question: ProofQuestion, window: number): ProofChallenge {
    const privateBytes = this.#derive('one-time key', question, window);
    const oneTimePublicKey = publicHalf(privateBytes);
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

function publicHalf(privateBytes: Buffer): Buffer {
  const pkcs8 = Buffer.concat([X25519_PKCS8_HEAD, privateBytes]);
  const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
  pkcs8.fill(0);
  return createPublicKey(key).export({ type: 'spki', format: 'der' }).subarray(-X25519_BYTES);
}
