/** How a replicated table is declared: columns, the merge rule of each, and indexes. It holds no rows. */

/** What a cell can hold; booleans are stored as 0 and 1 so that every table engine sorts them alike. */
export type Cell = string | number | null;

/**
 * `lww`: last writer wins by stamp, each column by itself. Any other rule names an event: all columns of the event
 * are taken together from the fact with the earliest stamp (first wins), and `<event>Stamp` holds that stamp.
 */
export interface Column<T extends Cell, Rule extends string = string> {
  readonly type: 'text' | 'integer';
  readonly rule: Rule;
  /** Never present at run time: carries the type of the cell. */
  readonly cell?: T;
}

type Columns = { readonly [name: string]: Column<Cell> };

export interface Table<C extends Columns = Columns, I extends Indexes = Indexes> {
  readonly columns: C;
  readonly events: readonly string[];
  readonly indexes: I;
}
/** Columns in order; a partial index leaves out rows nobody asks it for, so that they cost nothing when they change. */
export interface Index {
  readonly columns: readonly string[];
  /** Holds only rows in which all of these are NULL. */
  readonly whereNull?: readonly string[];
  /** Holds only rows in which this is neither NULL nor an empty text. */
  readonly whereFilled?: string;
}
type Indexes = { readonly [name: string]: Index };

/** Declares a table. `created` and `removed` are events of every table; `removed` is the tombstone. */
export function table<const C extends Columns, const I extends Indexes>(columns: C, indexes: I): Table<C, I> {
  const events = new Set(['created', 'removed']);
  for (const column of Object.values(columns)) if (column.rule !== 'lww') events.add(column.rule);
  return { columns, events: [...events], indexes };
}

/** Last-writer-wins columns. */
export const lww = {
  text: <T extends string = string>(): Column<T | null, 'lww'> => ({ type: 'text', rule: 'lww' }),
  integer: (): Column<number | null, 'lww'> => ({ type: 'integer', rule: 'lww' }),
};

/** Columns which arrive with an event and then never change. */
export function on<const E extends string>(event: E) {
  return {
    text: <T extends string = string>(): Column<T | null, E> => ({ type: 'text', rule: event }),
    integer: (): Column<number | null, E> => ({ type: 'integer', rule: event }),
  };
}
