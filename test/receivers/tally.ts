/** Compares what was to be sent with what a receiver has. It knows neither receivers nor audits. */

export interface Tally {
  readonly sent: number;
  readonly received: number;
  readonly lost: number;
  readonly outOfOrder: number;
  /** A second time, which a connection that broke may cost. */
  readonly again: number;
}

/** Of what is not in `sent`, as what came before, nothing is counted. Equal ones are told apart by how many there are. */
export function tally(sent: readonly string[], got: readonly string[]): Tally {
  const places = new Map<string, number[]>();
  for (const [place, key] of sent.entries()) places.set(key, [...(places.get(key) ?? []), place]);
  const known = new Set(sent);
  let [received, outOfOrder, again, furthest] = [0, 0, 0, -1];
  for (const key of got.filter((one) => known.has(one))) {
    const place = places.get(key)?.shift();
    if (place === undefined) {
      again += 1;
      continue;
    }
    received += 1;
    if (place < furthest) outOfOrder += 1;
    furthest = Math.max(furthest, place);
  }
  return { sent: sent.length, received, lost: sent.length - received, outOfOrder, again };
}
