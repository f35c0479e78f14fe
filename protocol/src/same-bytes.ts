/** Compares proofs, check values and other secrets in time that does not depend on where they differ. It tells nothing but yes or no. */
import { timingSafeEqual } from 'node:crypto';

/** The lengths are no secret: they are fixed by the format of what is compared. */
export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}
