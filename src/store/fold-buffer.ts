/** Gathers what the facts of one log entry do to rows, so that each row is read and written once; it lives for one entry. */
import type { RowChange } from '../core/named-objects.ts';
import type { FoldTarget } from '../core/state.ts';
import type { AnyRow, TableName } from '../core/tables.ts';
import type { SqliteState } from './sqlite-state.ts';

interface Slot {
  readonly table: TableName;
  readonly before: AnyRow | undefined;
  after: AnyRow | undefined;
}

export class FoldBuffer implements FoldTarget {
  readonly #state: SqliteState;
  readonly #slots = new Map<string, Slot>();

  constructor(state: SqliteState) {
    this.#state = state;
  }

  getRow(table: TableName, id: string): AnyRow | undefined {
    return this.#slot(table, id).after;
  }
  putRow(table: TableName, row: AnyRow): void {
    this.#slot(table, row.id).after = row;
  }

  /** Gives what was changed. */
  flush(): readonly RowChange[] {
    const changes: RowChange[] = [];
    for (const { table, before, after } of this.#slots.values()) {
      if (after === before || after === undefined) continue;
      changes.push({ table, before, after });
      if (before === undefined) this.#state.putRow(table, after);
      else this.#state.replaceRow(table, before, after);
    }
    return changes;
  }

  #slot(table: TableName, id: string): Slot {
    const key = `${table} ${id}`;
    const known = this.#slots.get(key);
    if (known !== undefined) return known;
    const before = this.#state.getRow(table, id);
    const slot: Slot = { table, before, after: before };
    this.#slots.set(key, slot);
    return slot;
  }
}
