/** Rounds of kept-alive calls as a row of a table. It measures nothing. */
import type { KeptMeasured } from './callers.ts';
import { median } from './figures.ts';

export function medianP99Ms(rounds: readonly KeptMeasured[]): number {
  return median(rounds.map(({ p99Ms }) => p99Ms));
}

/** Name, p50, p99, and the p99 of each round. */
export function latencyRow(name: string, rounds: readonly KeptMeasured[]): string[] {
  return [
    name,
    `${median(rounds.map(({ p50Ms }) => p50Ms)).toFixed(2)} ms`,
    `${medianP99Ms(rounds).toFixed(2)} ms`,
    rounds.map(({ p99Ms }) => p99Ms.toFixed(2)).join(', '),
  ];
}
