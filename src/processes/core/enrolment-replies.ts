/** Lets the identical enrolment request within 60 s get the identical answer, whatever became of the first reply (D6). In memory only. */
import { isRefusal, refuse } from '../../core/refusal.ts';
import type { CoreAnswer } from './core.ts';

const KEPT_MS = 60_000;
/** A challenge is accepted in its minute and the two after. */
const CHALLENGE_LIFE_MS = 180_000;
const PAIRS_MAX = 1000;

export class EnrolmentReplies {
  readonly #answers = new Map<string, Promise<CoreAnswer>>();

  /** The kept or running answer for this pair, or the result of `enrol`, which is kept when it succeeds. */
  async once(
    pair: string,
    enrol: () => Promise<CoreAnswer>,
  ): Promise<{ readonly answer: CoreAnswer; readonly repeated: boolean }> {
    const known = this.#answers.get(pair);
    if (known !== undefined) return { answer: await known, repeated: true };
    if (this.#answers.size >= PAIRS_MAX) return { answer: await enrol(), repeated: false };
    const answer = enrol();
    this.#answers.set(pair, answer);
    let accepted = false;
    try {
      const result = await answer;
      accepted = !isRefusal(result);
      return { answer: result, repeated: false };
    } finally {
      if (accepted) this.#spend(pair);
      else this.#answers.delete(pair);
    }
  }

  /** Identical answers for a while, then refusals until the challenge in the pair has died. */
  #spend(pair: string): void {
    const used = refuse('AUTHENTICATION_FAILED', 'this proof was used before');
    setTimeout(() => this.#answers.set(pair, Promise.resolve(used)), KEPT_MS).unref();
    setTimeout(() => this.#answers.delete(pair), KEPT_MS + CHALLENGE_LIFE_MS).unref();
  }

  /** A new passphrase voids what was kept. */
  clear(): void {
    this.#answers.clear();
  }
}
