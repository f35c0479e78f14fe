/** The log-ins of persons at this KMA: finds who a key belongs to, remembers when it was used, removes what has expired. It proves no passphrase. */
import type { Fingerprint, UserId } from '../../core/ids.ts';
import type { Row } from '../../core/tables.ts';
import { sessionUser } from '../../core/user-session.ts';
import type { OpenSession } from '../../operations/contexts.ts';
import type { Role } from '../../operations/operation.ts';
import { rolesOf } from '../../operations/roles-of.ts';
import type { Store } from '../../store/store.ts';
import type { StoredUserSession } from '../../store/user-session-table.ts';

export interface LoggedInUser {
  readonly user: Row<'user'>;
  readonly roles: readonly Role[];
  readonly session: StoredUserSession;
}

export class UserSessions {
  readonly #store: Store;
  /** Later than in the rows: a write for every call would cost an fsync. Lost with the process, a minute at most. */
  readonly #uses = new Map<string, number>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** Who calls with this key, as of now and not as of the log-in; null for nobody. May be asked inside a transaction, and is no use. */
  find(fingerprint: Fingerprint, nowMs: number): LoggedInUser | null {
    const { state, userSessions } = this.#store;
    const row = userSessions.get(fingerprint);
    const session = row === undefined ? undefined : this.#current(row);
    const user = session === undefined ? undefined : sessionUser(state, session, nowMs);
    if (session === undefined || user === undefined) return null;
    return { user, roles: rolesOf(state, session.userId), session };
  }

  /** Its user did something: it counts on from here. What is over stays over. */
  use(fingerprint: Fingerprint, nowMs: number): void {
    if (this.find(fingerprint, nowMs) !== null) this.#uses.set(fingerprint, nowMs);
  }

  /** Those that count now, whoever's they are; asking is no use of them. */
  open(nowMs: number): readonly OpenSession[] {
    const { state, userSessions } = this.#store;
    return userSessions.all().flatMap((row) => {
      const session = this.#current(row);
      const user = sessionUser(state, session, nowMs);
      if (user === undefined) return [];
      const { fingerprint, userId, createdAtMs, expiresAtMs, usedAtMs } = session;
      return [{ fingerprint, userId, user: user.name ?? '', createdAtMs, expiresAtMs, usedAtMs }];
    });
  }

  /** Whose key this is until the log-in would have expired: a session that was ended before frees it for nobody else. */
  owner(fingerprint: Fingerprint, nowMs: number): UserId | null {
    const session = this.#store.userSessions.get(fingerprint);
    return session !== undefined && nowMs < session.expiresAtMs ? session.userId : null;
  }

  /** Writes the uses down, removes what has expired, and ends for good what counts no more, so that no change of a setting revives it; once a minute. */
  tidy(nowMs: number): void {
    const { state, userSessions } = this.#store;
    const rows = userSessions.all();
    const over = new Set(rows.filter((row) => nowMs >= row.expiresAtMs));
    const used = rows.filter(
      (row) => !over.has(row) && (this.#uses.get(row.fingerprint) ?? 0) > row.usedAtMs,
    );
    const ended = rows.filter(
      (row) =>
        !over.has(row) &&
        row.verifierObjectId !== '' &&
        sessionUser(state, this.#current(row), nowMs) === undefined,
    );
    if (over.size > 0 || used.length > 0 || ended.length > 0)
      this.#store.transaction(() => {
        for (const { fingerprint } of over) userSessions.remove(fingerprint);
        for (const { fingerprint } of ended) userSessions.end(fingerprint);
        for (const { fingerprint } of used)
          userSessions.noteUse(fingerprint, this.#uses.get(fingerprint) ?? nowMs);
      });
    this.#uses.clear();
  }

  #current(row: StoredUserSession): StoredUserSession {
    return { ...row, usedAtMs: Math.max(row.usedAtMs, this.#uses.get(row.fingerprint) ?? 0) };
  }
}
