/** Log-ins of persons as local rows (D7): bounded in number, replaced by key. Whether one still counts is not judged here; one pushed out by newer ones keeps its key. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { UserSession } from '../operations/operation.ts';
import { BOUND_LIMIT } from './schema.ts';

export interface StoredUserSession extends UserSession {
  readonly usedAtMs: number;
}

/** A person has a few clients; far above what a cluster has of persons at once. */
const SESSIONS_OF_USER_MAX = 16;
/** With those that count no more: their keys stay the user's until they would have expired. */
const KEYS_OF_USER_MAX = 64;
const SESSIONS_MAX = 10_000;

const COLUMNS = `fingerprint, user_id AS userId, verifier AS verifierObjectId, enabled_stamp AS enabledStamp,
  created_at AS createdAtMs, expires_at AS expiresAtMs, used_at AS usedAtMs`;
/** All but the newest of those that fit. */
const surplus = (where: string) =>
  `WHERE fingerprint IN (SELECT fingerprint FROM user_session ${where}
   ORDER BY created_at DESC, fingerprint LIMIT -1 OFFSET ?)`;
const OF_USER = surplus('WHERE user_id = ?');

export class UserSessionTable {
  readonly #replace: StatementSync;
  readonly #select: StatementSync;
  readonly #all: StatementSync;
  readonly #use: StatementSync;
  readonly #delete: StatementSync;
  readonly #end: StatementSync;
  readonly #endSurplus: StatementSync;
  readonly #surplusOfUser: StatementSync;
  readonly #surplus: StatementSync;

  constructor(database: DatabaseSync) {
    this.#replace = database.prepare(
      `REPLACE INTO user_session (fingerprint, user_id, verifier, enabled_stamp, created_at, expires_at, used_at)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#select = database.prepare(`SELECT ${COLUMNS} FROM user_session WHERE fingerprint = ?`);
    this.#all = database.prepare(`SELECT ${COLUMNS} FROM user_session ORDER BY fingerprint ${BOUND_LIMIT}`);
    this.#use = database.prepare('UPDATE user_session SET used_at = ? WHERE fingerprint = ?');
    this.#delete = database.prepare('DELETE FROM user_session WHERE fingerprint = ?');
    // No user's verifier is called so: nothing was proven that would still count.
    this.#end = database.prepare(`UPDATE user_session SET verifier = '' WHERE fingerprint = ?`);
    this.#endSurplus = database.prepare(`UPDATE user_session SET verifier = '' ${OF_USER}`);
    this.#surplusOfUser = database.prepare(`DELETE FROM user_session ${OF_USER}`);
    this.#surplus = database.prepare(`DELETE FROM user_session ${surplus('')}`);
  }

  /** Inside a transaction. A user's oldest end first, so that nobody's log-ins push out another's. */
  put(session: UserSession): void {
    const { fingerprint, userId, verifierObjectId, enabledStamp, createdAtMs, expiresAtMs } = session;
    this.#replace.run(
      fingerprint,
      userId,
      verifierObjectId,
      enabledStamp,
      createdAtMs,
      expiresAtMs,
      createdAtMs,
    );
    this.#endSurplus.run(userId, SESSIONS_OF_USER_MAX);
    this.#surplusOfUser.run(userId, KEYS_OF_USER_MAX);
    this.#surplus.run(SESSIONS_MAX);
  }
  get(fingerprint: string): StoredUserSession | undefined {
    const row = this.#select.get(fingerprint);
    return row && ({ ...row } as unknown as StoredUserSession);
  }
  all(): readonly StoredUserSession[] {
    return this.#all.all(SESSIONS_MAX).map((row) => ({ ...row }) as unknown as StoredUserSession);
  }
  /** Inside a transaction, as `end` and `remove`. */
  noteUse(fingerprint: string, usedAtMs: number): void {
    this.#use.run(usedAtMs, fingerprint);
  }
  end(fingerprint: string): void {
    this.#end.run(fingerprint);
  }
  remove(fingerprint: string): void {
    this.#delete.run(fingerprint);
  }
}
