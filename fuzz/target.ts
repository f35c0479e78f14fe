/** What can be fuzzed: where inputs come from and what is done with one. A target runs no loop of its own. */
import type { Random } from './random.ts';

export interface OpenTarget {
  /** A new input by structure: sound, or nearly so. */
  generate(random: Random): Uint8Array;
  /** A change that knows the structure; without it, or where it gives null, bytes are changed. */
  mutate?(random: Random, input: Uint8Array): Uint8Array | null;
  /**
   * What came of the input, as a class of outcomes: the declared refusals are outcomes too. Whatever it throws or
   * rejects with is a crash, a broken promise of the code as well as an exception out of it.
   */
  run(input: Uint8Array): Promise<string>;
  close(): Promise<void>;
}

export interface FuzzTarget {
  readonly name: string;
  /** Inputs of the short run in `npm test`. */
  readonly smokeInputs: number;
  /** Pieces of the target's language, for changes of bytes. */
  readonly words: readonly string[];
  /** An input with a new outcome is changed further. Only where an input has one outcome, however fast the machine is. */
  readonly steered: boolean;
  open(): Promise<OpenTarget>;
}

/** The broken promise of a target: what it did, in words without the input's values. */
export class BrokenPromise extends Error {
  override readonly name = 'BrokenPromise';
}

export function promise(kept: boolean, what: string): asserts kept {
  if (!kept) throw new BrokenPromise(what);
}
