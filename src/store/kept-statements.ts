/** Prepared statements by their SQL, so that one asked often is prepared once. Values are bound; SQL with values in it would only push others out. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** More than people ask in different ways at a time. What goes is freed with the next garbage collection. */
const STATEMENTS_MAX = 100;

export class KeptStatements {
  readonly #database: DatabaseSync;
  /** The one used last comes last. */
  readonly #bySql = new Map<string, StatementSync>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  prepare(sql: string): StatementSync {
    const statement = this.#bySql.get(sql) ?? this.#database.prepare(sql);
    this.#bySql.delete(sql);
    this.#bySql.set(sql, statement);
    const [oldest] = this.#bySql.keys();
    if (this.#bySql.size > STATEMENTS_MAX && oldest !== undefined) this.#bySql.delete(oldest);
    return statement;
  }
}
