/** Which lives of a data directory are over for this KMA: none of their keys is handed out as new, and any of them may have been (D2). */
import type { Row } from './tables.ts';

interface Self {
  readonly kmaId: string;
  readonly incarnationId: string;
}

/** A copied or restored store begins a new life of the same KMA without knowing whether the one before goes on elsewhere. */
export function isEndedLife(life: Row<'incarnation'>, self: Self): boolean {
  if (life.id === self.incarnationId) return false;
  return life.endedStamp !== null || life.kmaId === self.kmaId;
}
