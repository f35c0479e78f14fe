/** Where the log of a removed member ends: at the greatest length that any member had when it learned of the removal. It closes no log itself. */
import { kmaOfLife, lifeOfNow } from './life.ts';
import { livingKmas } from './members.ts';
import type { StateView } from './state.ts';
import type { Row } from './tables.ts';

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

export interface CutShort {
  readonly kma: Row<'kma'>;
  /** Whose life closed it first. */
  readonly byKmaId: string | null;
}

/** Living members whose log of now some member has closed all the same, which no honest one begins: what they write reaches nobody. */
export function cutShort(state: Pick<StateView, 'get' | 'page' | 'scan'>): readonly CutShort[] {
  return livingKmas(state).flatMap((kma) => {
    const life = lifeOfNow(state, kma.id);
    if (life === undefined) return [];
    const [first] = state
      .scan('log_end', 'log', { equals: [life.id], limit: CLOSERS_MAX })
      .toSorted((a, b) => ((a.createdStamp ?? '') < (b.createdStamp ?? '') ? -1 : 1));
    if (first === undefined) return [];
    const closer = state.get('incarnation', first.byIncarnationId ?? '');
    return [{ kma, byKmaId: closer === undefined ? null : kmaOfLife(closer) }];
  });
}
