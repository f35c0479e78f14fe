/** What was found to be changed on both sides of a partition and does not stand in the own log yet, as local rows: a crash only delays it. It finds nothing. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { FoundConflict } from '../core/conflicts.ts';
import { BOUND_LIMIT } from './schema.ts';

export class FoundConflicts {
  readonly #add: StatementSync;
  readonly #first: StatementSync;
  readonly #remove: StatementSync;

  constructor(database: DatabaseSync) {
    this.#add = database.prepare('INSERT OR IGNORE INTO found_conflict (id, conflict) VALUES (?, ?)');
    this.#first = database.prepare(`SELECT conflict FROM found_conflict ORDER BY id ${BOUND_LIMIT}`);
    this.#remove = database.prepare('DELETE FROM found_conflict WHERE id = ?');
  }

  /** Inside a transaction. */
  add(found: readonly FoundConflict[]): void {
    for (const conflict of found) this.#add.run(conflict.id, JSON.stringify(conflict));
  }
  first(limit: number): readonly FoundConflict[] {
    return this.#first.all(limit).map((row) => JSON.parse(String(row['conflict'])) as FoundConflict);
  }
  /** Inside a transaction, once they stand in the log. */
  remove(found: readonly FoundConflict[]): void {
    for (const { id } of found) this.#remove.run(id);
  }
}
