/** Argon2id as the modern proof uses it (docs/proof.md, 4): the salted password, and the costs a client believes. It stores and compares nothing. */
import { type Argon2Parameters, argon2 } from 'node:crypto';
import { promisify } from 'node:util';

export interface Argon2Cost {
  readonly memoryKib: number;
  readonly passes: number;
  readonly lanes: number;
}

/** OWASP's minimum for Argon2id: below it a server is not ours, or somebody wants cheap guesses. */
export const PROOF_COST_FLOOR: Argon2Cost = { memoryKib: 19_456, passes: 2, lanes: 1 };
/** Above it a false server could exhaust a client's memory or time. */
export const PROOF_COST_CEILING: Argon2Cost = { memoryKib: 262_144, passes: 16, lanes: 4 };

export const PROOF_SALT_BYTES = 16;
/** Of the salted password and of every key, proof and signature made from it. */
export const PROOF_KEY_BYTES = 32;

/** Why a client must not use this cost, or null. */
export function costObjection(cost: Argon2Cost): string | null {
  const names = ['memoryKib', 'passes', 'lanes'] as const;
  if (names.some((name) => !Number.isSafeInteger(cost[name]))) return 'not whole numbers';
  if (names.some((name) => cost[name] < PROOF_COST_FLOOR[name])) return 'below the least that is safe';
  if (names.some((name) => cost[name] > PROOF_COST_CEILING[name])) return 'above the most that is sane';
  return null;
}

/** NFC (RFC 8265, OpaqueString): some keyboards send "ä" as one code point, some as two. A copy, so that it can be wiped. */
export function preparedPassphrase(passphrase: Uint8Array): Buffer {
  if (passphrase.every((byte) => byte < 0x80)) return Buffer.from(passphrase);
  return Buffer.from(Buffer.from(passphrase).toString('utf8').normalize('NFC'), 'utf8');
}

const run = promisify(
  (parameters: Argon2Parameters, done: (error: Error | null, derived: Buffer) => void): void =>
    argon2('argon2id', parameters, done),
);

/** SaltedPassword of RFC 5802, with Argon2id (RFC 9106) in place of PBKDF2; the caller wipes it. */
export async function saltedPassword(
  passphrase: Uint8Array,
  salt: Uint8Array,
  cost: Argon2Cost,
): Promise<Buffer> {
  const message = preparedPassphrase(passphrase);
  try {
    return await run({
      message,
      nonce: salt,
      memory: cost.memoryKib,
      passes: cost.passes,
      parallelism: cost.lanes,
      tagLength: PROOF_KEY_BYTES,
    });
  } finally {
    message.fill(0);
  }
}
