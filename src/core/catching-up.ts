/** Whether a KMA that has joined has what the members had that it reached first. It asks nobody. */
import { covers, type VersionVector } from './version-vector.ts';

/** A local row: "1" from the join until then. */
export const CATCHES_UP = 'catchesUp';

/** How far one KMA is. The two are not compared with each other: of keys whose maker is lost nobody may have the sealed objects. */
export interface Reached {
  /** Up to where each log is folded. */
  readonly applied: VersionVector;
  /** Up to where its keys have their sealed objects too. */
  readonly holds: VersionVector;
}

export function hasCaughtUp(here: Reached, had: Iterable<Reached>): boolean {
  return [...had].every((there) => covers(here.applied, there.applied) && covers(here.holds, there.holds));
}

/** How much of what the others had is here; what is written meanwhile, here or there, is none of it. */
export function caughtUp(here: Reached, had: Iterable<Reached>): number {
  const all = [...had];
  return (['applied', 'holds'] as const).reduce(
    (sum, which) => sum + common(here[which], furthest(all.map((there) => there[which]))),
    0,
  );
}

function common(here: VersionVector, there: ReadonlyMap<string, number>): number {
  return [...there].reduce((sum, [log, length]) => sum + Math.min(here[log] ?? 0, length), 0);
}

function furthest(vectors: readonly VersionVector[]): ReadonlyMap<string, number> {
  const most = new Map<string, number>();
  for (const vector of vectors)
    for (const [log, length] of Object.entries(vector)) most.set(log, Math.max(most.get(log) ?? 0, length));
  return most;
}
