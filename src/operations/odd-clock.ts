/** What is still done while the clock of this KMA is odd (D2): retrieval with its records, and what mends the clock. It judges no clock. */
import { type Refusal, refuse } from '../core/refusal.ts';
import type { Accepted, Operation } from './operation.ts';

/** Works on the clock's own trouble, so the trouble does not stop it. */
const CLOCK_OPERATIONS: ReadonlySet<string> = new Set(['AcceptClock', 'AcceptLogClock', 'AdjustTime']);

/** Whether it has to be known at all whether the clock is odd, before the operation is prepared. */
export function needsSoundClock({ changes, name }: Pick<Operation, 'changes' | 'name'>): boolean {
  return changes && !CLOCK_OPERATIONS.has(name);
}

/** The decision as it may be written: without its facts where the answer is right without them. */
export function underOddClock<Output>(
  { name }: Pick<Operation, 'name'>,
  proposed: Accepted<Output>,
  odd: string,
): Accepted<Output> | Refusal {
  if (proposed.factsOptional === true) return { ...proposed, facts: [] };
  return CLOCK_OPERATIONS.has(name) ? proposed : refuse('CLOCK_ODD', odd);
}
