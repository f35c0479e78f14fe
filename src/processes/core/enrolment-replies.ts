/** Lets the identical enrolment request within 60 s get the identical answer, whatever became of the first reply (D6). In memory only. */
import { isRefusal, refuse } from '../../core/refusal.ts';
import type { CoreAnswer } from './core-call.ts';

const KEPT_MS = 60_000;
/** A challenge is accepted in its minute and the two after. */
const CHALLENGE_LIFE_MS = 180_000;
const PAIRS_MAX = 1000;
const USED: Promise<CoreAnswer> = Promise.resolve(
  refuse('AUTHENTICATION_FAILED', 'this proof was used before'),
);

interface Kept {
  readonly entity: string;
  answer: Promise<CoreAnswer>;
  repeats: number;
}

export interface KeptAnswer {
  readonly answer: CoreAnswer;
  /** 0 for the request that was carried out, then 1, 2 and so on. */
  readonly repeat: number;
}

export class EnrolmentReplies {
  readonly #answers = new Map<string, Kept>();

  /** The kept or running answer for this pair, or the result of `enrol`, which is kept when it succeeds. `entity` is "kind:name". */
  async once(pair: string, entity: string, enrol: () => Promise<CoreAnswer>): Promise<KeptAnswer> {
    const known = this.#answers.get(pair);
    if (known !== undefined) {
      known.repeats += 1;
      const repeat = known.repeats;
      return { answer: await known.answer, repeat };
    }
    if (this.#answers.size >= PAIRS_MAX) return { answer: await enrol(), repeat: 0 };
    const answer = enrol();
    const kept: Kept = { entity, answer, repeats: 0 };
    this.#answers.set(pair, kept);
    let accepted = false;
    try {
      const result = await answer;
      accepted = !isRefusal(result);
      return { answer: result, repeat: 0 };
    } finally {
      if (accepted) this.#spend(pair, kept);
      else this.#answers.delete(pair);
    }
  }

  /** Identical answers for a while, then refusals until the challenge in the pair has died. */
  #spend(pair: string, kept: Kept): void {
    setTimeout(() => markUsed(kept), KEPT_MS).unref();
    setTimeout(() => this.#answers.delete(pair), KEPT_MS + CHALLENGE_LIFE_MS).unref();
  }

  /** A new passphrase voids the entity's answers; that their proofs were used stays known, and so do everybody else's. */
  void(entity: string): void {
    for (const kept of this.#answers.values()) if (kept.entity === entity) markUsed(kept);
  }
}

function markUsed(kept: Kept): void {
  kept.answer = USED;
}
