/** Counts the calls of this core process and how long they took, for the metrics. It keeps no names but those of operations. */
import { isRefusal } from '../../core/refusal.ts';
import { ERRORS } from '../../errors.ts';
import type { Measurements } from '../../operations/contexts.ts';
import type { CoreAnswer } from './core-call.ts';

const BOUNDS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;
const SERVER_FAILURE = 500;

interface Durations {
  readonly counts: number[];
  count: number;
  sum: number;
}

export class CallMeter {
  /** By operation and outcome: both are words of ours, so there are not many. */
  readonly #calls = new Map<string, { readonly labels: Readonly<Record<string, string>>; value: number }>();
  readonly #durations = new Map<string, Durations>();

  note(service: string, operation: string, answer: CoreAnswer, seconds: number): void {
    const outcome = outcomeOf(answer);
    const key = `${operation} ${outcome}`;
    const counted = this.#calls.get(key) ?? { labels: { operation, outcome }, value: 0 };
    counted.value += 1;
    this.#calls.set(key, counted);
    const found = this.#durations.get(service);
    const durations = found ?? { counts: BOUNDS_SECONDS.map(() => 0), count: 0, sum: 0 };
    if (found === undefined) this.#durations.set(service, durations);
    const bucket = BOUNDS_SECONDS.findIndex((bound) => seconds <= bound);
    if (bucket >= 0) durations.counts[bucket] = (durations.counts[bucket] ?? 0) + 1;
    durations.count += 1;
    durations.sum += seconds;
  }

  report(): Measurements {
    const { user, system } = process.cpuUsage();
    return {
      calls: [...this.#calls.values()].map(({ labels, value }) => ({ labels, value })),
      durations: [...this.#durations].map(([service, { counts, count, sum }]) => ({
        labels: { service },
        bounds: BOUNDS_SECONDS,
        counts: [...counts],
        count,
        sum,
      })),
      residentBytes: process.memoryUsage.rss(),
      cpuSeconds: (user + system) / 1e6,
    };
  }
}

export type Outcome = 'done' | 'refused' | 'failed';

/** What the caller can do nothing about is a failure; all other refusals are answers. */
export function outcomeOf(answer: CoreAnswer): Outcome {
  if (!isRefusal(answer)) return 'done';
  return ERRORS[answer.refused].httpStatus === SERVER_FAILURE ? 'failed' : 'refused';
}
