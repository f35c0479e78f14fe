/** Which members the replicator leaves alone, why and how long: told to people once each time, and shown while it lasts. It leaves nobody alone itself. */
import type { MemberLeftAlone } from '../../operations/member-standing.ts';
import type { ToldLeftAlone } from '../replicator/messages.ts';

export interface LeftAloneParts {
  /** Runs on, whatever is done to the clock. */
  readonly elapsedMs: () => number;
  readonly nowMs: () => number;
}

/** Many times the members there may be. */
const MEMBERS_MAX = 256;
/** The shortest time there is, less what the telling of the time before may have been late: a replicator that was taken over fills no audit either. */
const QUIET_MS = 25_000;

interface Kept {
  readonly reason: string;
  readonly toldMs: number;
  readonly untilMs: number;
}

export class LeftAlone {
  readonly #parts: LeftAloneParts;
  readonly #kept = new Map<string, Kept>();

  constructor(parts: LeftAloneParts) {
    this.#parts = parts;
  }

  /** Whether people are to be told. */
  told({ kmaId, reason, seconds }: Pick<ToldLeftAlone, 'kmaId' | 'reason' | 'seconds'>): boolean {
    const nowMs = this.#parts.elapsedMs();
    const before = this.#kept.get(kmaId);
    if (before !== undefined && nowMs - before.toldMs < QUIET_MS) return false;
    if (before === undefined && this.#kept.size >= MEMBERS_MAX) return false;
    this.#kept.set(kmaId, { reason, toldMs: nowMs, untilMs: nowMs + seconds * 1_000 });
    return true;
  }

  /** Those of now. */
  report(): ReadonlyMap<string, MemberLeftAlone> {
    const { elapsedMs, nowMs } = this.#parts;
    const now = elapsedMs();
    return new Map(
      [...this.#kept].flatMap(([kmaId, { reason, untilMs }]) =>
        untilMs > now ? [[kmaId, { reason, untilMs: nowMs() + Math.round(untilMs - now) }] as const] : [],
      ),
    );
  }
}
