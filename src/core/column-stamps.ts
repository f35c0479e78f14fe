/** The `stamps` cell of a row: which stamp each last-writer-wins column was written with. It compares no values. */
import type { Stamp } from './stamp.ts';

/** `{"<stamp>":"name description"}`: columns grouped by stamp, because most rows were written once. */
export function readColumnStamps(text: string): Map<string, Stamp> {
  const stamps = new Map<string, Stamp>();
  for (const [stamp, names] of Object.entries(JSON.parse(text) as Record<string, string>))
    for (const name of names.split(' ')) stamps.set(name, stamp as Stamp);
  return stamps;
}

/** Stamps and names in order, so that equal rows have equal text. */
export function writeColumnStamps(stamps: ReadonlyMap<string, Stamp>): string {
  const groups = new Map<Stamp, string[]>();
  for (const [name, stamp] of stamps) groups.set(stamp, [...(groups.get(stamp) ?? []), name]);
  const sorted = [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([stamp, names]) => [stamp, names.sort().join(' ')]);
  return JSON.stringify(Object.fromEntries(sorted));
}

export function columnStamp(row: { readonly stamps: string }, column: string): Stamp | null {
  return readColumnStamps(row.stamps).get(column) ?? null;
}
