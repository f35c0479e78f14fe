/** What a run draws from its seed; different names give draws that know nothing of each other. */
import { Random } from '../../fuzz/random.ts';

export class Draw {
  readonly #random: Random;

  constructor(seed: number, name: string) {
    this.#random = Random.of(`${seed}:${name}`);
  }

  pick<T>(choices: readonly T[]): T {
    return this.#random.pick(choices);
  }
  /** Undefined where there is nothing. */
  pickAny<T>(choices: readonly T[]): T | undefined {
    return choices.length === 0 ? undefined : this.#random.pick(choices);
  }
  between(least: number, most: number): number {
    return least + this.#random.below(most - least + 1);
  }
  weighted<T>(choices: readonly (readonly [weight: number, choice: T])[]): T {
    let place = this.#random.below(choices.reduce((sum, [weight]) => sum + weight, 0));
    for (const [weight, choice] of choices) {
      place -= weight;
      if (place < 0) return choice;
    }
    throw new Error('nothing to draw from');
  }
  /** That nothing else in the run has. */
  name(kind: string): string {
    return `${kind}-${this.#random.next().toString(36)}-${this.#random.next().toString(36)}`;
  }
}
