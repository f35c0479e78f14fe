/** State in maps that knows its own hash at any moment: each change of a row takes the old line out of the sum and the new one in. It is the sum of mapStateHash, without reading all rows again. */
import { MapState } from '../src/core/map-state.ts';
import { type AnyRow, TABLE_NAMES, type TableName } from '../src/core/tables.ts';
import { HASH_MODULUS, hashOfRow } from './checks/state-hash.ts';

export class HashedState extends MapState {
  #sum = 0;
  readonly #changes = Object.fromEntries(TABLE_NAMES.map((table) => [table, 0])) as Record<TableName, number>;

  override restoreRow(table: TableName, id: string, row: AnyRow | undefined): AnyRow | undefined {
    const before = super.restoreRow(table, id, row);
    const out = before === undefined ? 0 : hashOfRow(table, before);
    const into = row === undefined ? 0 : hashOfRow(table, row);
    this.#sum = (this.#sum + HASH_MODULUS - out + into) % HASH_MODULUS;
    this.#changes[table] += 1;
    return before;
  }
  /** How often a row of the table has changed: what is found out of it is the same until it does again. */
  changes(table: TableName): number {
    return this.#changes[table];
  }
  override copy(): HashedState {
    const copy = new HashedState();
    super.copy(copy);
    copy.#sum = this.#sum;
    return copy;
  }

  get hash(): string {
    return this.#sum.toString(16);
  }
}
