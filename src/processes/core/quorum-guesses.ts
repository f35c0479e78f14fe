/** Slows down who tries wrong key split credentials over the network: a user's session must be no place to guess other people's passphrases from. In memory only. */
import type { UserId } from '../../core/ids.ts';
import { isForgotten, waitBeforeProofMs } from '../../core/proof-limit.ts';
import { type Refusal, refuse } from '../../core/refusal.ts';
import { FailureTable } from './failure-table.ts';

const USERS_MAX = 10_000;

export class QuorumGuesses {
  readonly #users = new FailureTable(USERS_MAX);

  /** Counts at once, so that guesses side by side are all counted. What it gives takes that back: right credentials were no guess, and free none of the guesses before. */
  begin(userId: UserId, limit: number, nowMs: number): Refusal | (() => void) {
    if (isForgotten(this.#users.get(userId), nowMs)) this.#users.forget(userId);
    const entity = this.#users.get(userId);
    const waitMs = waitBeforeProofMs({ entity, source: undefined, limit, slowed: true, nowMs });
    if (waitMs > 0)
      return refuse('SERVER_BUSY', `too many wrong credentials: wait ${Math.ceil(waitMs / 1000)} s`);
    return this.#users.count(userId, nowMs);
  }
}
