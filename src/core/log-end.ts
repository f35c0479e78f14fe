/** Where the log of a removed member ends: at the greatest length that any member had when it learned of the removal. It closes no log itself. */
import { kmaOfLife } from './life.ts';
import type { StateView } from './state.ts';

/** Members there can be, with some lives each. */
const CLOSERS_MAX = 10_000;

/** Entries beyond it count nowhere; null while the log goes on. What is folded already stays, so `folded` is the least. */
export function logLimit(state: StateView, incarnationId: string, folded: number): number | null {
  const ends = state.scan('log_end', 'log', { equals: [incarnationId], limit: CLOSERS_MAX });
  const life = state.get('incarnation', incarnationId);
  const kmaId = life === undefined ? null : kmaOfLife(life);
  const kma = kmaId === null ? undefined : state.get('kma', kmaId);
  if (ends.length === 0 && kma?.removedStamp == null) return null;
  return Math.max(folded, ...ends.map((end) => end.length ?? 0));
}
