/** How far two KMAs are apart: entries that one of them has folded and the other has not. It asks nobody. */
import type { VersionVector } from './version-vector.ts';

/** Of all logs together, both ways. */
export function replicationLag(here: VersionVector, there: VersionVector): number {
  const logs = new Set([...Object.keys(here), ...Object.keys(there)]);
  return [...logs].reduce((sum, log) => sum + Math.abs((here[log] ?? 0) - (there[log] ?? 0)), 0);
}
