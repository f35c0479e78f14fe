/** Asks the other members out of turn for what one call needs, within one limit of time for all of it. With one member, or none that responds, there is nothing to ask. */
import type { ObjectId } from '../../core/ids.ts';
import type { OtherMembers } from '../../operations/other-members.ts';

/** Of a call, before it says that something does not exist. */
export const CATCH_UP_MS = 500;

export interface OtherMembersParts {
  readonly someoneResponds: () => boolean;
  readonly isBehind: () => boolean;
  /** Its store was put back or copied, and the others have not told yet what they have. */
  readonly isPutBack: () => boolean;
  /** Somebody who does not respond may do so any moment. */
  readonly awaitsSomeone: () => boolean;
  readonly elapsedMs: () => number;
  /** False where it is late. */
  readonly catchUp: (timeoutMs: number) => Promise<boolean>;
  readonly anyMissing: () => boolean;
  readonly arrival: (ids: readonly ObjectId[], timeoutMs: number) => Promise<void>;
}

/** For one call, from now on. */
export function otherMembers(parts: OtherMembersParts): OtherMembers | undefined {
  if (!parts.someoneResponds() && !parts.isBehind() && !parts.awaitsSomeone()) return undefined;
  const endMs = parts.elapsedMs() + CATCH_UP_MS;
  const leftMs = () => Math.floor(endMs - parts.elapsedMs());
  return {
    areAhead: parts.isPutBack(),
    async catchUp() {
      const inTime = leftMs() > 0 && (await parts.catchUp(leftMs()));
      if (parts.isBehind()) return 'just-started';
      return inTime && !parts.awaitsSomeone() ? 'done' : 'late';
    },
    async fetch(ids) {
      if (leftMs() > 0 && parts.anyMissing()) await parts.arrival(ids(), leftMs());
    },
  };
}
