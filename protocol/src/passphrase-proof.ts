/** The passphrase proof of enrolment (protocol 4.2); it compares nothing and keeps nothing. */
import { createHmac, hash, X509Certificate } from 'node:crypto';
import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { ITERATIONS_MAX, ITERATIONS_MIN } from './limits.ts';

/** About 2 ms of hashing, after which other work gets its turn. */
const ITERATIONS_PER_SLICE = 2_000;

/** H0: the hash of the passphrase's UTF-8 bytes. */
export function hashPassphrase(passphrase: Uint8Array): Buffer {
  if (passphrase.length === 0) throw new RangeError('a passphrase must not be empty');
  return hash('sha1', passphrase, 'buffer');
}

/** S: H0 hashed `iterations` more times. What is kept as S is as good as the passphrase. */
export async function deriveSecret(passphrase: Uint8Array, iterations: number): Promise<Buffer> {
  if (!Number.isInteger(iterations) || iterations < ITERATIONS_MIN || iterations > ITERATIONS_MAX)
    throw new RangeError(`the iteration count lies between ${ITERATIONS_MIN} and ${ITERATIONS_MAX}`);
  let secret = hashPassphrase(passphrase);
  for (let done = 0; done < iterations; done++) {
    if (done % ITERATIONS_PER_SLICE === 0 && done > 0) await yieldToOthers();
    secret = hash('sha1', secret, 'buffer');
  }
  return secret;
}

/**
 * The response to a challenge. The CA certificate is part of the message: that authenticates the certificate which
 * came over plain HTTP, whatever text surrounded it there.
 */
export function proof(secret: Uint8Array, caPem: string, challenge: Uint8Array): Buffer {
  return createHmac('sha1', secret).update(canonicalPem(caPem)).update(challenge).digest();
}

/** A certificate as the text over which both sides compute: 64 columns, LF, nothing before or after. */
export function canonicalPem(pemOrDer: string | Uint8Array): string {
  return new X509Certificate(pemOrDer).toString();
}
