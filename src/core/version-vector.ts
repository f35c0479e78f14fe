/** How far the logs of all lives are known. It counts nothing itself. */

/** For each incarnation how many entries of its log are folded. */
export type VersionVector = { readonly [incarnationId: string]: number };

/** Of each log at least as much. */
export function covers(own: VersionVector, other: VersionVector): boolean {
  if (own === other) return true;
  for (const log in other) if ((own[log] ?? 0) < (other[log] ?? 0)) return false;
  return true;
}
