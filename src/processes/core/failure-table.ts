/** Failed proofs by name or source, in memory and bounded: the one without failures for longest goes first. It judges nothing. */
import { afterFailure, type ProofFailures, withoutAttempt } from '../../core/proof-limit.ts';

interface Entry {
  failures: ProofFailures | undefined;
}

export class FailureTable {
  readonly #entries = new Map<string, Entry>();
  readonly #entriesMax: number;

  constructor(entriesMax: number) {
    this.#entriesMax = entriesMax;
  }

  get(key: string): ProofFailures | undefined {
    return this.#entries.get(key)?.failures;
  }

  /** Counts an attempt as failed. What comes back takes this one out again, and none that was counted after the key was forgotten. */
  count(key: string, nowMs: number): () => void {
    const entry: Entry = this.#entries.get(key) ?? { failures: undefined };
    const before = entry.failures;
    entry.failures = afterFailure(before, nowMs);
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    const oldest = this.#entries.size > this.#entriesMax ? this.#entries.keys().next().value : undefined;
    if (oldest !== undefined) this.#entries.delete(oldest);
    return () => {
      if (entry.failures !== undefined) entry.failures = withoutAttempt(entry.failures, nowMs, before);
      if (entry.failures === undefined && this.#entries.get(key) === entry) this.#entries.delete(key);
    };
  }

  /** The one that failed last at the end. */
  *all(): Generator<readonly [string, ProofFailures]> {
    for (const [key, { failures }] of this.#entries) if (failures !== undefined) yield [key, failures];
  }

  /** What is known from before; the one that failed last comes last. */
  restore(key: string, failures: ProofFailures): void {
    this.#entries.set(key, { failures });
  }

  forget(key: string): void {
    this.#entries.delete(key);
  }
}
