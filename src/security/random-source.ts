/** Looks at the random source before anything is made from it: a source that stands still or gives nothing must not make keys. It draws for nobody. */
import { randomBytes } from 'node:crypto';

const DRAW_BYTES = 32;

/** Two draws differ and neither is all zero. OpenSSL's generator has health tests of its own; this catches one that is not reached. */
export function isRandomSourceAlive(draw: (bytes: number) => Uint8Array = randomBytes): boolean {
  const first = draw(DRAW_BYTES);
  const second = draw(DRAW_BYTES);
  const drawn = [first, second].every((bytes) => bytes.length === DRAW_BYTES && bytes.some((b) => b !== 0));
  return drawn && !Buffer.from(first).equals(second);
}
