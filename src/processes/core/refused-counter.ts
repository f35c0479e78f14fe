/** Counts what callers who have proven nothing asked and were refused, and hands it over together once a minute (D15). It keeps no names of strangers. */
import type { Refusal } from '../../core/refusal.ts';

export interface RefusedSummary {
  readonly service: string;
  /** Answered; then `reason` names the operation. */
  readonly served: boolean;
  readonly reason: string;
  readonly count: number;
  /** A few of the source addresses. */
  readonly sources: readonly string[];
}

interface Counted extends Omit<RefusedSummary, 'count' | 'sources'> {
  count: number;
  readonly sources: Set<string>;
}

/** More kinds than this in one minute are counted together. */
const REASONS_MAX = 64;
const REASON_CHARACTERS_MAX = 200;
const SOURCES_MAX = 8;

export class RefusedCounter {
  #counts = new Map<string, Counted>();

  count(service: string, refusal: Refusal | string, address: string, times = 1): void {
    this.#add(service, typeof refusal === 'string' ? refusal : reasonOf(refusal), false, address, times);
  }

  /** A question that was answered. */
  countServed(service: string, operation: string, address: string): void {
    this.#add(service, operation, true, address, 1);
  }

  #add(service: string, wanted: string, served: boolean, address: string, times: number): void {
    const known = this.#counts.has(`${service} ${served} ${wanted}`) || this.#counts.size < REASONS_MAX;
    const reason = known ? wanted : 'other reasons';
    const key = `${service} ${served} ${reason}`;
    const entry = this.#counts.get(key) ?? { service, served, reason, count: 0, sources: new Set<string>() };
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
