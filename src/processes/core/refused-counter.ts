/** Counts refusals of callers who have proven nothing and hands them over together once a minute (D15). It keeps no names of strangers. */
import type { Refusal } from '../../core/refusal.ts';

export interface RefusedSummary {
  readonly service: string;
  readonly reason: string;
  readonly count: number;
  /** A few of the source addresses. */
  readonly sources: readonly string[];
}

const REASONS_MAX = 64;
const REASON_CHARACTERS_MAX = 200;
const SOURCES_MAX = 8;

export class RefusedCounter {
  #counts = new Map<string, { service: string; reason: string; count: number; sources: Set<string> }>();

  count(service: string, refusal: Refusal | string, address: string, times = 1): void {
    const reason = typeof refusal === 'string' ? refusal : reasonOf(refusal);
    const key = `${service} ${reason}`;
    if (!this.#counts.has(key) && this.#counts.size >= REASONS_MAX) return;
    const entry = this.#counts.get(key) ?? { service, reason, count: 0, sources: new Set<string>() };
    entry.count += times;
    if (entry.sources.size < SOURCES_MAX && address !== '') entry.sources.add(address);
    this.#counts.set(key, entry);
  }

  /** Everything since the last call. */
  take(): readonly RefusedSummary[] {
    const taken = [...this.#counts.values()].map((entry) => ({ ...entry, sources: [...entry.sources] }));
    this.#counts = new Map();
    return taken;
  }
}

function reasonOf({ refused, detail }: Refusal): string {
  return detail === undefined ? refused : `${refused} ${detail}`.slice(0, REASON_CHARACTERS_MAX);
}
