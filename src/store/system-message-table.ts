/** What the processes of this KMA reported, as local rows: the newest five thousand. It judges nothing. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { SystemMessage, SystemMessageRow } from '../operations/contexts.ts';

const ROWS_MAX = 5_000;

export class SystemMessageTable {
  readonly #add: StatementSync;
  readonly #cut: StatementSync;
  readonly #newest: StatementSync;

  constructor(database: DatabaseSync) {
    this.#add = database.prepare(
      'INSERT INTO system_message (created_at, process, severity, message) VALUES (?, ?, ?, ?)',
    );
    // Numbers follow each other, since only the oldest rows ever go.
    this.#cut = database.prepare(
      'DELETE FROM system_message WHERE number <= (SELECT max(number) FROM system_message) - ?',
    );
    this.#newest = database.prepare(
      `SELECT number, created_at AS createdAtMs, process, severity, message FROM system_message
       ORDER BY number DESC LIMIT ? + 0`,
    );
  }

  /** Inside a transaction. */
  add(messages: readonly SystemMessage[], rowsMax = ROWS_MAX): void {
    for (const { createdAtMs, process, severity, message } of messages)
      this.#add.run(createdAtMs, process, severity, message);
    this.#cut.run(rowsMax);
  }

  newest(limit = ROWS_MAX): readonly SystemMessageRow[] {
    return this.#newest.all(limit).map((row) => ({ ...row }) as unknown as SystemMessageRow);
  }
}
