/** How long the keys last that may be handed out now, and whether others hold what is made anew. It counts no keys. */
import { isAlone } from '../core/members.ts';
import type { DecideContext } from './contexts.ts';

/** Hours; null while nobody takes any. */
export function poolLastsHours(keysReady: number, keysTakenPerHour: number): number | null {
  return keysTakenPerHour === 0 ? null : Math.floor((keysReady / keysTakenPerHour) * 10) / 10;
}

/** There are other KMAs and none responds: what is made now becomes Ready by a backup alone. */
export function isCutOff({
  state,
  self,
  members,
}: Pick<DecideContext, 'state' | 'self' | 'members'>): boolean {
  return !isAlone(state, self.kmaId) && !(members?.() ?? []).some(({ responding }) => responding);
}

/** "about 25 minutes", "about 3.5 hours", "about 40 days". */
export function hoursText(hours: number): string {
  if (hours < 1) return countOf(Math.round(hours * 60), 'minute');
  if (hours < 48) return countOf(hours < 10 ? hours : Math.floor(hours), 'hour');
  return countOf(Math.floor(hours / 24), 'day');
}

function countOf(count: number, unit: string): string {
  return `about ${count} ${unit}${count === 1 ? '' : 's'}`;
}
