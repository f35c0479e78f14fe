/** Random numbers that a seed decides, so that every input can be made again; never for anything secret. */

export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** Of a text, so that targets and inputs of one run differ: an FNV-1a hash. */
  static of(text: string): Random {
    let hash = 0x811c9dc5;
    for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193);
    return new Random(hash);
  }

  /** 32 bits, by the splitmix32 mixer. */
  next(): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  }

  /** 0 to `below` - 1. */
  below(below: number): number {
    return Math.floor((this.next() / 2 ** 32) * below);
  }
  /** True once in `times`. */
  onceIn(times: number): boolean {
    return this.below(times) === 0;
  }
  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  }
  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.next() & 0xff));
  }
  /** Mostly small, seldom up to `below` - 1. */
  small(below: number): number {
    return this.below(Math.max(1, Math.min(below, 2 ** this.below(Math.ceil(Math.log2(below + 1)) + 1))));
  }
  shuffled<T>(items: readonly T[]): T[] {
    const copy = [...items];
    for (let i = copy.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const [a, b] = [copy[i], copy[j]];
      if (a !== undefined && b !== undefined) [copy[i], copy[j]] = [b, a];
    }
    return copy;
  }
}
