/** Argon2id (RFC 9106) of a passphrase, with bounds on cost and on how many run at once. It stores and compares nothing. */
import { type Argon2Parameters, argon2 } from 'node:crypto';
import { promisify } from 'node:util';
import { type Argon2Cost, PROOF_COST_CEILING, PROOF_SALT_BYTES, preparedPassphrase } from '@openkma/protocol';
import { z } from 'zod';
import { refuse } from '../core/refusal.ts';
import { SecretBytes } from './secret-bytes.ts';

export type { Argon2Cost };
export const SALT_BYTES = PROOF_SALT_BYTES;
const OUTPUT_BYTES = 32;

/** RFC 9106, section 3.1. */
const LANE_KIB_MIN = 8;

/** The ceiling keeps a forged file from exhausting memory or time; the floor is the caller's (`isAtLeast`). */
export const argon2CostSchema = z
  .strictObject({
    memoryKib: z.int().max(PROOF_COST_CEILING.memoryKib),
    passes: z.int().min(1).max(PROOF_COST_CEILING.passes),
    lanes: z.int().min(1).max(PROOF_COST_CEILING.lanes),
  })
  .refine(({ memoryKib, lanes }) => memoryKib >= LANE_KIB_MIN * lanes, 'too little memory for its lanes');

export function isAtLeast(cost: Argon2Cost, floor: Argon2Cost): boolean {
  return cost.memoryKib >= floor.memoryKib && cost.passes >= floor.passes;
}

/** Two keep both cores of a small machine busy, and leave threads of libuv's four to files and key pairs. */
const RUNNING_MAX = 2;
const WAITING_MAX = 64;
const run = promisify(
  (parameters: Argon2Parameters, done: (error: Error | null, derived: Buffer) => void): void =>
    argon2('argon2id', parameters, done),
);
let running = 0;
const waiting: (() => void)[] = [];

/** Rejects with the refusal SERVER_BUSY where too many wait already. */
export async function hashPassphrase(
  passphrase: SecretBytes,
  salt: Uint8Array,
  cost: Argon2Cost,
): Promise<SecretBytes> {
  await acquireTurn();
  const message = preparedPassphrase(passphrase.reveal());
  try {
    const derived = await run({
      message,
      nonce: salt,
      memory: cost.memoryKib,
      passes: cost.passes,
      parallelism: cost.lanes,
      tagLength: OUTPUT_BYTES,
    });
    return new SecretBytes(derived);
  } finally {
    message.fill(0);
    releaseTurn();
  }
}

async function acquireTurn(): Promise<void> {
  if (running < RUNNING_MAX) {
    running += 1;
    return;
  }
  if (waiting.length >= WAITING_MAX) throw refuse('SERVER_BUSY', 'too many passphrases are being checked');
  await new Promise<void>((resolve) => waiting.push(resolve));
}

/** The turn passes to the next in line, so that `running` stays as it is. */
function releaseTurn(): void {
  const next = waiting.shift();
  if (next === undefined) running -= 1;
  else next();
}
