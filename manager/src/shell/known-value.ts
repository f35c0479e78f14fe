/** What is shown of a field: nothing where it tells how a KMA fares that does not answer. It changes no row. */

/** Counts only where the other field is true. */
const COUNTS_WHERE: Readonly<Record<string, string>> = {
  responseMs: 'responding',
  clockAheadMs: 'responding',
  locked: 'responding',
  replicationLag: 'responding',
  poolReadyPercent: 'responding',
};

export function knownValue(thing: Readonly<Record<string, unknown>>, name: string): unknown {
  const other = COUNTS_WHERE[name];
  return other !== undefined && thing[other] === false ? null : thing[name];
}
