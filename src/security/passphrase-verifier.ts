/** What a KMA keeps of a user's passphrase: SCRAM's keys (RFC 5802, 3) over Argon2id. It is not password-equivalent and never holds the passphrase. */
import { createHmac, hash, randomBytes } from 'node:crypto';
import { sameBytes } from '@openkma/protocol';
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
const KEY_BYTES = 32;
const VERIFIER_BYTES_MAX = 1024;

/** OWASP's minimum for Argon2id; what a verifier is made with, and the least that is believed. */
export const VERIFIER_COST: Argon2Cost = { memoryKib: 19_456, passes: 2, lanes: 1 };

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

export async function makeVerifier(
  passphrase: SecretBytes,
  cost: Argon2Cost = VERIFIER_COST,
): Promise<Uint8Array> {
  const salt = randomBytes(SALT_BYTES);
  const { storedKey, serverKey } = await scramKeys(passphrase, salt, cost);
  const verifier: Verifier = {
    format: FORMAT,
    salt: salt.toString('base64'),
    cost: { ...cost },
    storedKey: storedKey.toString('base64'),
    serverKey: serverKey.toString('base64'),
    pad: randomBytes(KEY_BYTES).toString('base64'),
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
  const known = verifier === null ? null : parseVerifier(verifier, floor);
  const salt = known === null ? randomBytes(SALT_BYTES) : Buffer.from(known.salt, 'base64');
  const expected = known === null ? randomBytes(KEY_BYTES) : Buffer.from(known.storedKey, 'base64');
  const { storedKey } = await scramKeys(passphrase, salt, known?.cost ?? floor);
  return sameBytes(storedKey, expected) && known !== null;
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

/** RFC 5802, 3: StoredKey = H(HMAC(SaltedPassword, "Client Key")), ServerKey = HMAC(SaltedPassword, "Server Key"). */
async function scramKeys(
  passphrase: SecretBytes,
  salt: Uint8Array,
  cost: Argon2Cost,
): Promise<{ readonly storedKey: Buffer; readonly serverKey: Buffer }> {
  const salted = await hashPassphrase(passphrase, salt, cost);
  const keyFor = (label: string) => createHmac('sha256', salted.reveal()).update(label).digest();
  const clientKey = keyFor('Client Key');
  const keys = { storedKey: hash('sha256', clientKey, 'buffer'), serverKey: keyFor('Server Key') };
  clientKey.fill(0);
  salted.wipe();
  return keys;
}

function base64Of(bytes: number) {
  return z.base64().length(Math.ceil(bytes / 3) * 4);
}
