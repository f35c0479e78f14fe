/** Whether a KMA that has joined has what the members had that it reached first. It asks nobody. */
import type { VersionVector } from './version-vector.ts';

/** A local row: "1" from the join until then. */
export const CATCHES_UP = 'catchesUp';

/** `held`: up to where each log is folded here, and its keys have their sealed objects. */
export function hasCaughtUp(held: VersionVector, had: Iterable<VersionVector>): boolean {
  return [...had].every((vector) =>
    Object.entries(vector).every(([log, length]) => (held[log] ?? 0) >= length),
  );
}
