/** What one call may ask of the other members out of turn. It says nothing of how they are asked. */
import type { ObjectId } from '../core/ids.ts';

/** How far it is with what the others have written: done as far as it can be, late where somebody is there, or was a moment ago, who has not told or given it in time, or not begun by a KMA that has just started. */
export type CaughtUp = 'done' | 'late' | 'just-started';

/** All waiting for them in one call ends half a second after it began. */
export interface OtherMembers {
  /** The store of this KMA was put back or copied, and what was written since is not here yet: what is known here may have been destroyed. */
  readonly areAhead: boolean;
  /** Resolves when what they had written at this moment is folded here, or the time is over. */
  catchUp(): Promise<CaughtUp>;
  /** Resolves when none of these sealed objects is missing here; they are named only where any are. */
  fetch(ids: () => readonly ObjectId[]): Promise<void>;
}
