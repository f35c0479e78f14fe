/** Lets the identical enrolment request within 60 s get the identical answer, whatever became of the first reply (D6). In memory only. */
import { isRefusal } from '../../core/refusal.ts';
import type { CoreAnswer } from './core.ts';

const KEPT_MS = 60_000;
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
    const result = await answer;
    if (isRefusal(result)) this.#answers.delete(pair);
    else setTimeout(() => this.#answers.delete(pair), KEPT_MS).unref();
    return { answer: result, repeated: false };
  }

  /** A new passphrase voids what was kept. */
  clear(): void {
    this.#answers.clear();
  }
}
