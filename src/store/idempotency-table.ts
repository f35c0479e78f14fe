/** Answers that may be asked for again, as local rows: for a day, and so many of each user. It judges no request. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';

export interface KeptAnswer {
  readonly userId: string;
  /** As the caller chose it. */
  readonly key: string;
  /** Of the request without its passphrases. */
  readonly requestSha256: string;
  readonly answeredAtMs: number;
  /** JSON. */
  readonly answer: string;
}

const KEPT_MS = 24 * 60 * 60 * 1000;
const ANSWERS_OF_USER_MAX = 1_000;

export class IdempotencyTable {
  readonly #insert: StatementSync;
  readonly #surplus: StatementSync;
  readonly #select: StatementSync;
  readonly #cut: StatementSync;

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare(
      'REPLACE INTO idempotency (user_id, key, request_sha256, answered_at, answer) VALUES (?, ?, ?, ?, ?)',
    );
    this.#surplus = database.prepare(
      `DELETE FROM idempotency WHERE user_id = ?1 AND key IN (SELECT key FROM idempotency WHERE user_id = ?1
       ORDER BY answered_at DESC, key LIMIT -1 OFFSET ?2)`,
    );
    this.#select = database.prepare(
      `SELECT user_id AS userId, key, request_sha256 AS requestSha256, answered_at AS answeredAtMs, answer
       FROM idempotency WHERE user_id = ? AND key = ?`,
    );
    this.#cut = database.prepare('DELETE FROM idempotency WHERE answered_at <= ?');
  }

  /** Inside the transaction that the answer tells of. */
  put({ userId, key, requestSha256, answeredAtMs, answer }: KeptAnswer): void {
    this.#insert.run(userId, key, requestSha256, answeredAtMs, answer);
    this.#surplus.run(userId, ANSWERS_OF_USER_MAX);
  }

  get(userId: string, key: string): KeptAnswer | undefined {
    const row = this.#select.get(userId, key);
    return row && ({ ...row } as unknown as KeptAnswer);
  }

  /** Once a minute; a statement of its own where no transaction is open. */
  tidy(nowMs: number): void {
    this.#cut.run(nowMs - KEPT_MS);
  }
}
