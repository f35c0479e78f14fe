/** Comparing version vectors. */
import type { VersionVector } from '../src/core/version-vector.ts';

export function covers(own: VersionVector, other: VersionVector): boolean {
  return Object.entries(other).every(([id, length]) => (own[id] ?? 0) >= length);
}
