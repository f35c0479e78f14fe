/** Comparing version vectors, which are never changed. */
import type { VersionVector } from '../src/core/version-vector.ts';

/** All peers are told the same vector, and mostly after the same one. */
const texts = new WeakMap<VersionVector, string>();
const changes = new WeakMap<VersionVector, Changes>();
interface Changes {
  readonly since: VersionVector | undefined;
  readonly changed: readonly (readonly [log: string, length: number])[];
}

export function vectorText(vector: VersionVector): string {
  const text = texts.get(vector) ?? JSON.stringify(vector);
  texts.set(vector, text);
  return text;
}

/** What is not the same in an earlier one. */
export function changesOf(since: VersionVector | undefined, vector: VersionVector): Changes['changed'] {
  const known = changes.get(vector);
  if (known !== undefined && known.since === since) return known.changed;
  const changed = Object.entries(vector).filter(([log, length]) => since?.[log] !== length);
  changes.set(vector, { since, changed });
  return changed;
}

/** By log, two numbers of 32 bits after Fowler, Noll and Vo. */
const weights = new Map<string, readonly [number, number]>();

/** The same where the vector is the same, and in practice nowhere else: read as often as anything changes, so it goes along with each log that grows or shrinks. */
export class VectorSum {
  #one = 0;
  #other = 0;

  grow(log: string, by: number): void {
    const [one, other] = weightOf(log);
    this.#one += one * by;
    this.#other += other * by;
  }
  copy(): VectorSum {
    const copy = new VectorSum();
    copy.#one = this.#one;
    copy.#other = this.#other;
    return copy;
  }
  get hash(): string {
    return `${this.#one}:${this.#other}`;
  }
}
/** Of all lengths at once. */
export function vectorHash(lengths: Iterable<readonly [log: string, length: number]>): string {
  const sum = new VectorSum();
  for (const [log, length] of lengths) sum.grow(log, length);
  return sum.hash;
}

function weightOf(log: string): readonly [number, number] {
  const before = weights.get(log);
  if (before !== undefined) return before;
  let [a, b] = [2_166_136_261, 16_777_619];
  for (let i = 0; i < log.length; i++) {
    const code = log.charCodeAt(i);
    a = Math.imul(a ^ code, 16_777_619);
    b = Math.imul(b + code, 0x85eb_ca6b) ^ (b >>> 13);
  }
  const weight = [a >>> 0, b >>> 0] as const;
  weights.set(log, weight);
  return weight;
}
