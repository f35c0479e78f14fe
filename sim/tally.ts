/** Counts who asked what in a simulated world and what came of it: operations of agents, administrators and quorum members by themselves, chores of the KMAs by themselves. It judges none. */
import { isRefusal } from '../src/core/refusal.ts';
import type { Answer, Call } from './core.ts';

/** An operation is what was answered, also with a refusal: who asks is told, and what follows is his. What a fault left without an answer is none. */
export interface Counts {
  readonly operations: number;
  /** Of them. */
  readonly refused: number;
  readonly unanswered: number;
  /** Of KMAs for themselves, answered: key pools that are filled, erasures that are confirmed, logs that are closed. */
  readonly chores: number;
}

export class Tally {
  #asked = 0;
  #answered = 0;
  #refused = 0;
  #chores = 0;

  /** What comes before the day begins is not counted. */
  begin(): void {
    this.#asked = 0;
    this.#answered = 0;
    this.#refused = 0;
    this.#chores = 0;
  }
  asked(call: Call): void {
    if (!isChore(call)) this.#asked += 1;
  }
  answered(call: Call, answer: Answer): void {
    if (isChore(call)) this.#chores += 1;
    else {
      this.#answered += 1;
      if (isRefusal(answer)) this.#refused += 1;
    }
  }

  get counts(): Counts {
    return {
      operations: this.#answered,
      refused: this.#refused,
      unanswered: this.#asked - this.#answered,
      chores: this.#chores,
    };
  }
}

/** The KMA asks itself. */
function isChore({ claim }: Call): boolean {
  return claim.claim === 'appliance';
}
