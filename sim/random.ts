/** The only source of chance in the simulated world: everything follows from the seed. It never asks the machine for randomness. */

export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** Different names give streams that know nothing of each other. */
  constructor(seed: number, name = '') {
    let hash = 2_166_136_261;
    for (const character of `${seed}:${name}`) hash = Math.imul(hash ^ character.charCodeAt(0), 16_777_619);
    this.#a = hash >>> 0;
    this.#b = (hash ^ 0x9e37_79b9) >>> 0;
    this.#c = Math.imul(hash, 0x85eb_ca6b) >>> 0;
    for (let i = 0; i < 12; i++) this.next();
  }

  /** 32 bits (small fast counting generator). */
  next(): number {
    const sum = (this.#a + this.#b + this.#counter) >>> 0;
    this.#counter = (this.#counter + 1) >>> 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) >>> 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) >>> 0;
    return sum;
  }

  /** From 0 up to but not including `below`. */
  below(below: number): number {
    return this.next() % below;
  }
  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }
  chance(oneIn: number): boolean {
    return this.below(oneIn) === 0;
  }
  pick<T>(choices: readonly T[]): T {
    const choice = choices[this.below(choices.length)];
    if (choice === undefined) throw new Error('nothing to pick from');
    return choice;
  }
  /** Undefined where there is nothing. */
  pickAny<T>(choices: readonly T[]): T | undefined {
    return choices.length === 0 ? undefined : this.pick(choices);
  }
  some<T>(choices: readonly T[], count: number): T[] {
    const left = [...choices];
    return Array.from({ length: Math.min(count, left.length) }, () => {
      const [taken] = left.splice(this.below(left.length), 1);
      if (taken === undefined) throw new Error('nothing to pick from');
      return taken;
    });
  }
  weighted<T>(choices: readonly (readonly [weight: number, choice: T])[]): T {
    let place = this.below(choices.reduce((sum, [weight]) => sum + weight, 0));
    for (const [weight, choice] of choices) {
      place -= weight;
      if (place < 0) return choice;
    }
    throw new Error('nothing to pick from');
  }
  bytes(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => this.next() & 0xff);
  }
}
