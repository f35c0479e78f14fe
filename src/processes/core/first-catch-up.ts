/** Whether this KMA, which has just started, may still lack what other members wrote while it was away. After some time it does not say so any more, whatever has come. */
import { isOnlyOneThatLived, othersThatLived } from '../../core/members.ts';
import type { Self } from '../../operations/operation.ts';
import { endPutBack, isPutBack } from '../../setup/copy-detection.ts';
import type { Store } from '../../store/store.ts';
import { logFailure } from './failure.ts';
import type { MemberStandings } from './member-standings.ts';

/** A member that is there is connected to by then. */
const PATIENCE_MS = 10_000;
/** A store that was put back has forgotten what its own KMA once knew, which keys were destroyed among it. So long nobody that can be reached has more. */
const QUIET_MS = 60_000;
/** The same, where somebody that can be reached has more all the time: it may be untrue. */
const PUT_BACK_MS_MAX = 10 * 60_000;
const LOOK_MS = 1_000;

/** Of the core that has just opened its store. */
export function firstCatchUpOf(parts: {
  readonly store: Store;
  readonly self: Pick<Self, 'kmaId'>;
  readonly members: MemberStandings;
  readonly elapsedMs: () => number;
}): FirstCatchUp {
  const { store, self, members, elapsedMs } = parts;
  return new FirstCatchUp({
    elapsedMs,
    isAlone: () => isOnlyOneThatLived(store.state, self.kmaId),
    isPutBack: isPutBack(store),
    someoneResponds: () => members.someoneResponds,
    hasAll: () => members.hasAll,
    allTold: () => members.haveTold(othersThatLived(store.state, self.kmaId).map(({ id }) => id)),
    ended() {
      try {
        endPutBack(store);
      } catch (error) {
        // It waits once more after the next start.
        logFailure(error, 'end of waiting for the others');
      }
    },
  });
}

export interface FirstCatchUpParts {
  /** Runs on, whatever is done to the clock. */
  readonly elapsedMs: () => number;
  readonly isAlone: () => boolean;
  /** What is here is older than what was there, or a copy of it, and the others have not told yet what they have. */
  readonly isPutBack: boolean;
  readonly someoneResponds: () => boolean;
  /** Somebody has told how far he is, and nobody is further. */
  readonly hasAll: () => boolean;
  /** Every other member responds and has told how far it is. */
  readonly allTold: () => boolean;
  /** Of one whose store was put back: it needs not wait any more. */
  readonly ended: () => void;
}

export class FirstCatchUp {
  readonly #parts: FirstCatchUpParts;
  readonly #begunMs: number;
  /** When somebody who responds was further last, or had not told yet how far he is. */
  #comingMs: number;
  #over = false;
  /** What comes and goes between two calls counts as well. */
  readonly #timer: NodeJS.Timeout | null;

  constructor(parts: FirstCatchUpParts) {
    this.#parts = parts;
    this.#begunMs = parts.elapsedMs();
    this.#comingMs = this.#begunMs;
    this.#timer = parts.isPutBack ? setInterval(() => this.look(), LOOK_MS) : null;
    this.#timer?.unref();
  }

  /** Once it is not, it never is again. */
  get isBehind(): boolean {
    this.look();
    return !this.#over;
  }

  /** What is known here may have been destroyed meanwhile. */
  get isPutBack(): boolean {
    return this.#parts.isPutBack && this.isBehind;
  }

  look(): void {
    if (this.#over) return;
    const { isAlone, isPutBack, ended } = this.#parts;
    this.#over = isAlone() || (isPutBack ? this.#hasHeard() : this.#hasStarted());
    if (!this.#over || !isPutBack) return;
    this.stop();
    ended();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  #hasStarted(): boolean {
    const { elapsedMs, hasAll } = this.#parts;
    return elapsedMs() - this.#begunMs >= PATIENCE_MS || hasAll();
  }

  /** From all, or from nobody for a while. */
  #hasHeard(): boolean {
    const { elapsedMs, someoneResponds, hasAll, allTold } = this.#parts;
    const nowMs = elapsedMs();
    const has = hasAll();
    if (someoneResponds() && !has) this.#comingMs = nowMs;
    return (
      (has && allTold()) || nowMs - this.#comingMs >= QUIET_MS || nowMs - this.#begunMs >= PUT_BACK_MS_MAX
    );
  }
}
