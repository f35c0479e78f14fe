/** Objects that were erased and may be in some file of this KMA still: written with the erasure, so that a crash only delays the confirmation. It erases nothing. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { BOUND_LIMIT } from './schema.ts';

export class PendingErasures {
  readonly #add: StatementSync;
  readonly #first: StatementSync;
  readonly #remove: StatementSync;
  readonly #addOfBefore: StatementSync;

  constructor(database: DatabaseSync) {
    this.#add = database.prepare('INSERT OR IGNORE INTO erasure_pending (id) VALUES (?)');
    this.#first = database.prepare(`SELECT id FROM erasure_pending ORDER BY id ${BOUND_LIMIT}`);
    this.#remove = database.prepare('DELETE FROM erasure_pending WHERE id = ?');
    this.#addOfBefore = database.prepare(
      `INSERT OR IGNORE INTO erasure_pending SELECT objectId FROM key
       WHERE destroyedStamp IS NOT NULL AND objectId IS NOT NULL
         AND NOT EXISTS (SELECT 1 FROM object WHERE object.id = key.objectId)
         AND NOT EXISTS (SELECT 1 FROM object_erasure WHERE object_erasure.id = key.objectId || ':' || ?)`,
    );
  }

  add(id: string): void {
    this.#add.run(id);
  }
  /** Of keys that were destroyed before this life began: it has none of them, and has to say so too. */
  addOfBefore(incarnationId: string): void {
    this.#addOfBefore.run(incarnationId);
  }
  first(limit: number): readonly string[] {
    return this.#first.all(limit).map(({ id }) => String(id));
  }
  /** Inside a transaction, once it is recorded. */
  remove(ids: readonly string[]): void {
    for (const id of ids) this.#remove.run(id);
  }
}
