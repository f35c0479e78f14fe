/** What a KMA keeps of a user's passphrase: SCRAM's keys (RFC 5802, 3) over Argon2id. It is not password-equivalent and never holds the passphrase. */
import { randomBytes } from 'node:crypto';
import { PROOF_COST_FLOOR, PROOF_KEY_BYTES, sameBytes, scramKeys } from '@openkma/protocol';
import { z } from 'zod';
import {
  type Argon2Cost,
  argon2CostSchema,
  hashPassphrase,
  isAtLeast,
  SALT_BYTES,
} from './passphrase-hash.ts';
import type { SecretBytes } from './secret-bytes.ts';

const FORMAT = 'openkma passphrase verifier 1';
const KEY_BYTES = PROOF_KEY_BYTES;
const VERIFIER_BYTES_MAX = 1024;

/** What a verifier is made with, and the least that is believed here; clients believe no less. */
export const VERIFIER_COST: Argon2Cost = PROOF_COST_FLOOR;

const verifierSchema = z.strictObject({
  format: z.literal(FORMAT),
  salt: base64Of(SALT_BYTES),
  cost: argon2CostSchema,
  storedKey: base64Of(KEY_BYTES),
  serverKey: base64Of(KEY_BYTES),
  /** Facts name the verifier by its hash (D14); the pad keeps that hash from being a check value of the passphrase. */
  pad: base64Of(KEY_BYTES),
});
type Verifier = z.infer<typeof verifierSchema>;

/** A verifier opened for the modern proof. */
export interface VerifierKeys {
  readonly salt: Buffer;
  readonly cost: Argon2Cost;
  readonly storedKey: Buffer;
  readonly serverKey: Buffer;
}

export async function makeVerifier(
  passphrase: SecretBytes,
  cost: Argon2Cost = VERIFIER_COST,
): Promise<Uint8Array> {
  const salt = randomBytes(SALT_BYTES);
  const keys = await keysOf(passphrase, salt, cost);
  return writeVerifier({ salt, cost, ...keys }, randomBytes(KEY_BYTES));
}

/** A verifier nobody's passphrase belongs to: all of it from `bytes(length)`. */
export function inventVerifier(bytes: (length: number) => Buffer): Uint8Array {
  const keys = {
    salt: bytes(SALT_BYTES),
    cost: VERIFIER_COST,
    storedKey: bytes(KEY_BYTES),
    serverKey: bytes(KEY_BYTES),
  };
  return writeVerifier(keys, bytes(KEY_BYTES));
}

/** Throws where the verifier is damaged or cheaper than `floor`. */
export function readVerifier(bytes: Uint8Array, floor: Argon2Cost = VERIFIER_COST): VerifierKeys {
  const { salt, cost, storedKey, serverKey } = parseVerifier(bytes, floor);
  const decoded = (text: string) => Buffer.from(text, 'base64');
  return { salt: decoded(salt), cost, storedKey: decoded(storedKey), serverKey: decoded(serverKey) };
}

function writeVerifier({ salt, cost, storedKey, serverKey }: VerifierKeys, pad: Buffer): Uint8Array {
  const verifier: Verifier = {
    format: FORMAT,
    salt: salt.toString('base64'),
    cost: { ...cost },
    storedKey: storedKey.toString('base64'),
    serverKey: serverKey.toString('base64'),
    pad: pad.toString('base64'),
  };
  return Buffer.from(JSON.stringify(verifier), 'utf8');
}

/**
 * Null stands for a name that is unknown or may not log in: the same work, then false. Throws where the verifier is
 * damaged or cheaper than `floor`, since that is trouble of the store and not a wrong passphrase.
 */
export async function checkPassphrase(
  verifier: Uint8Array | null,
  passphrase: SecretBytes,
  floor: Argon2Cost = VERIFIER_COST,
): Promise<boolean> {
  const { salt, cost, storedKey } = readVerifier(verifier ?? inventVerifier(randomBytes), floor);
  const keys = await keysOf(passphrase, salt, cost);
  return sameBytes(keys.storedKey, storedKey) && verifier !== null;
}

function parseVerifier(bytes: Uint8Array, floor: Argon2Cost): Verifier {
  const verifier = bytes.length > VERIFIER_BYTES_MAX ? null : parseJson(bytes);
  if (verifier === null) throw new Error('a passphrase verifier is damaged');
  if (!isAtLeast(verifier.cost, floor)) throw new Error('a passphrase verifier is cheaper than allowed');
  return verifier;
}

function parseJson(bytes: Uint8Array): Verifier | null {
  try {
    return verifierSchema.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8'))).data ?? null;
  } catch {
    return null;
  }
}

async function keysOf(
  passphrase: SecretBytes,
  salt: Uint8Array,
  cost: Argon2Cost,
): Promise<Pick<VerifierKeys, 'storedKey' | 'serverKey'>> {
  const salted = await hashPassphrase(passphrase, salt, cost);
  const { clientKey, storedKey, serverKey } = scramKeys(salted.reveal());
  clientKey.fill(0);
  salted.wipe();
  return { storedKey, serverKey };
}

function base64Of(bytes: number) {
  return z.base64().length(Math.ceil(bytes / 3) * 4);
}
