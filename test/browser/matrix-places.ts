/** What the matrix of roles and operations says of the places of the Manager: who may go there, and which acts there are for him. It looks at no page. */
import { askedAt, PLACES, type Place, type Tab } from '../../manager/src/places.ts';
import { type Cell, MATRIX, OWN_ROWS } from '../../src/operations/matrix.ts';
import type { Role } from '../../src/operations/operation.ts';

const ROWS = [...MATRIX, ...OWN_ROWS];

/** "listKmas", as pages name operations. */
export function cellOf(id: string, role: Role): Cell {
  const name = `${id.charAt(0).toUpperCase()}${id.slice(1)}`;
  const row = ROWS.find(({ is }) => 'operations' in is && is.operations.includes(name));
  if (row === undefined) throw new Error(`no row of the matrix has ${name}`);
  return row.cells[role];
}

const mayAsk = (id: string | undefined, role: Role) => id !== undefined && cellOf(id, role) !== 'no';
const allowed = (ids: readonly string[] | undefined, role: Role) =>
  (ids ?? []).filter((id) => mayAsk(id, role));

export const mayGo = (place: Place, role: Role) => mayAsk(askedAt(place), role);

export const placesOf = (role: Role): readonly Place[] => PLACES.filter((place) => mayGo(place, role));

export interface ExpectedTab {
  readonly tab: Tab;
  readonly whole: readonly string[];
  readonly ofRow: readonly string[];
}

export interface Expected {
  /** What acts on the place as a whole, or makes something there. */
  readonly whole: readonly string[];
  /** What acts on one row: in its details, or in the list where there are none. */
  readonly ofRow: readonly string[];
  readonly tabs: readonly ExpectedTab[];
  /** A row opens. */
  readonly opens: boolean;
}

export function expectedAt(place: Place, role: Role): Expected {
  return {
    whole: allowed(place.actions, role),
    ofRow: allowed(place.rowActions, role),
    tabs: (place.tabs ?? [])
      .filter(({ list }) => mayAsk(list, role))
      .map((tab) => ({ tab, whole: allowed(tab.actions, role), ofRow: allowed(tab.rowActions, role) })),
    opens: place.list !== undefined && mayAsk(place.show, role),
  };
}
