/** What KMAs have served as lines over the time: where nothing is known a line has a gap, never a zero. It draws nothing. */

export interface CountedRow {
  readonly kma: string;
  readonly beganAt: string;
  readonly countedUntil: string;
}
/** What a line has of a row; null where the row is of no matter to it. */
export type LineOf<R> = (row: R) => number | null;

/** Seconds, then the values of each line, from one step before the first row to one after the last. */
export function linesOf<R extends CountedRow>(
  rows: readonly R[],
  lines: readonly LineOf<R>[],
  stepS: number,
): (number | null)[][] {
  const found = new Map<number, (number | null)[]>();
  for (const row of rows) {
    const at = Date.parse(row.beganAt) / 1000;
    const values = found.get(at) ?? lines.map(() => null);
    found.set(
      at,
      lines.map((line, index) => line(row) ?? values[index] ?? null),
    );
  }
  const [first, last] = [Math.min(...found.keys()) - stepS, Math.max(...found.keys()) + stepS];
  const times = Array.from({ length: (last - first) / stepS + 1 }, (_, index) => first + index * stepS);
  return [times, ...lines.map((_, line) => times.map((at) => found.get(at)?.[line] ?? null))];
}

/** Of each KMA in the rows, up to when it is known, in the order of names. */
export function knownUntil(rows: readonly CountedRow[]): ReadonlyMap<string, number> {
  const until = new Map<string, number>();
  for (const { kma, countedUntil } of rows)
    until.set(kma, Math.max(until.get(kma) ?? 0, Date.parse(countedUntil) / 1000));
  return new Map([...until].sort(([one], [other]) => (one < other ? -1 : 1)));
}
