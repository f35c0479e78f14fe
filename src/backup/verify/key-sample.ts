/** Chooses keys at random, so many, and so that every group of keys gets its turn. It looks at no key. */

/** A whole number from 0 and below the one given, each as likely. */
type RandomBelow = (limit: number) => number;

interface Stratum {
  readonly kept: string[];
  offered: number;
}

export interface SampledStratum {
  readonly name: string;
  readonly offered: number;
  readonly chosen: readonly string[];
}

export class KeySample {
  readonly #size: number;
  readonly #random: RandomBelow;
  readonly #strata = new Map<string, Stratum>();

  constructor(size: number, random: RandomBelow) {
    this.#size = size;
    this.#random = random;
  }

  /** Holds at most `size` of each stratum, each of those offered with the same chance (reservoir sampling). */
  offer(stratum: string, id: string): void {
    const known = this.#strata.get(stratum) ?? { kept: [], offered: 0 };
    this.#strata.set(stratum, known);
    known.offered += 1;
    if (known.kept.length < this.#size) known.kept.push(id);
    else {
      const place = this.#random(known.offered);
      if (place < this.#size) known.kept[place] = id;
    }
  }

  /** One of each stratum, then a second of each, until there are enough; with more strata than that chance decides which come. */
  choose(): readonly SampledStratum[] {
    const waiting = this.#shuffled([...this.#strata]).map(([name, { kept, offered }]) => ({
      name,
      offered,
      kept: this.#shuffled(kept),
      count: 0,
    }));
    let left = this.#size;
    for (let round = 1; left > 0; round++) {
      const having = waiting.filter(({ kept }) => kept.length >= round).slice(0, left);
      if (having.length === 0) break;
      for (const stratum of having) stratum.count = round;
      left -= having.length;
    }
    const sampled = waiting.map(({ name, offered, kept, count }) => ({
      name,
      offered,
      chosen: kept.slice(0, count),
    }));
    return sampled.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  #shuffled<T>(items: readonly T[]): T[] {
    const mixed = [...items];
    for (let i = mixed.length - 1; i > 0; i--) {
      const j = this.#random(i + 1);
      const [a, b] = [mixed[i], mixed[j]];
      if (a !== undefined && b !== undefined) [mixed[i], mixed[j]] = [b, a];
    }
    return mixed;
  }
}
