/** Where the log of a removed member ends: at the greatest length that any member had when it learned of the removal. It closes no log itself. */
import { isOfRemoved, kmaOfIncarnation, lifeOfNow } from './life.ts';
import { livingKmas } from './members.ts';
import type { StateView } from './state.ts';
import type { Row } from './tables.ts';

type Rows = Pick<StateView, 'get' | 'scan'>;

/** Members there can be, with some lives each. */
const CLOSERS_MAX = 10_000;

/** Entries beyond it count nowhere; null while the log goes on. What is folded already stays, so `folded` is the least. */
export function logLimit(state: Rows, incarnationId: string, folded: number): number | null {
  const isOver = isOfRemoved(state, incarnationId);
  const ends = closings(state, incarnationId, isOver);
  if (ends.length === 0 && !isOver) return null;
  return Math.max(folded, ...ends.map(lengthSaid));
}

/**
 * Whether a member has to say again how much it has: of a log that has ended, where it has more than anybody has said. That
 * is so where the log went on after it was closed, and was closed once more. Afterwards its own word is the most, so that
 * nobody who says less, or takes back what it said, brings it to speak again.
 */
export function hasMoreToSay(state: Rows, said: Row<'log_end'>, length: number): boolean {
  return length > lengthSaid(said) && isEndedBefore(state, said.incarnationId ?? '', length);
}

/** Whether others end the log before this place. */
export function isEndedBefore(state: Rows, incarnationId: string, length: number): boolean {
  const limit = logLimit(state, incarnationId, 0);
  return limit !== null && length > limit;
}

/** What it writes reaches nobody, although nobody has removed it as far as it knows. */
export function isCutShort(
  state: Rows,
  self: { readonly kmaId: string; readonly incarnationId: string },
  length: number,
): boolean {
  return (
    state.get('kma', self.kmaId)?.removedStamp == null && isEndedBefore(state, self.incarnationId, length)
  );
}

/** The first word stands; of those after it the last one. */
export function lengthSaid({ length, laterLength }: Row<'log_end'>): number {
  return Math.max(length ?? 0, laterLength ?? 0);
}

/**
 * Of a member that nobody has removed only those of living members count, and none where a removed one was the first: it
 * closed the log because of a removal that may lie beyond the end of its own log, or of that of its twin, where nobody will
 * ever see it, and the others only followed it (operations/cluster/close-logs.ts). Whoever follows has folded what he follows,
 * so his stamp is later; and of a living member that knew why itself, the removal comes here too.
 */
function closings(state: Rows, incarnationId: string, isOver: boolean): readonly Row<'log_end'>[] {
  const ends = endsOf(state, incarnationId);
  if (isOver) return ends;
  const isByRemoved = ({ byIncarnationId }: Row<'log_end'>) => isOfRemoved(state, byIncarnationId ?? '');
  const first = firstOf(ends);
  return first === undefined || isByRemoved(first) ? [] : ends.filter((end) => !isByRemoved(end));
}

export function endsOf(state: Pick<StateView, 'scan'>, incarnationId: string): readonly Row<'log_end'>[] {
  return state.scan('log_end', 'log', { equals: [incarnationId], limit: CLOSERS_MAX });
}

function firstOf(ends: readonly Row<'log_end'>[]): Row<'log_end'> | undefined {
  return ends.toSorted((a, b) => ((a.createdStamp ?? '') < (b.createdStamp ?? '') ? -1 : 1))[0];
}

export interface CutShort {
  readonly kma: Row<'kma'>;
  /** Whose life closed it first. */
  readonly byKmaId: string | null;
}

/** Living members whose log of now some member has closed all the same, which no honest one begins: what they write reaches nobody. */
export function cutShort(state: Rows & Pick<StateView, 'page'>): readonly CutShort[] {
  return livingKmas(state).flatMap((kma) => {
    const life = lifeOfNow(state, kma.id);
    if (life === undefined) return [];
    const closer = closerOf(state, life.id);
    return closer === undefined ? [] : [{ kma, byKmaId: closer }];
  });
}

/** The KMA whose life closed first what is no log of a removed one; null where it is not known, undefined where none did. */
export function closerOf(state: Rows, incarnationId: string): string | null | undefined {
  const first = firstOf(closings(state, incarnationId, false));
  return first === undefined ? undefined : kmaOfIncarnation(state, first.byIncarnationId ?? '');
}
