/** Which version of a thing somebody has read: changes whenever one of its rows does. It tells nothing of what is in them. */
import { hash } from 'node:crypto';
import type { StateView } from '../core/state.ts';
import type { AnyRow } from '../core/tables.ts';

/** What is needed against lost updates (If-Match). */
export interface Entity<In> {
  /** Null where there is no such thing. */
  version(state: StateView, input: In): string | null;
}

const VERSION_CHARACTERS = 16;

/** Every change of a cell comes with a stamp, so the stamps tell all. */
export function rowVersion(...rows: readonly (AnyRow | undefined)[]): string {
  const stamps = rows.map((row) =>
    Object.entries(row ?? {})
      .filter(([column]) => column === 'id' || column === 'stamps' || column.endsWith('Stamp'))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  return hash('sha256', JSON.stringify(stamps)).slice(0, VERSION_CHARACTERS);
}
