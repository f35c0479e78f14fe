/** Holds back what a KMA would write first after its start, until the members that can be reached have said how much of its log they know: one that was put back whole must not write at places that are taken (architecture 5.8). It begins no new life. */

import { kmaOfLife } from '../../core/life.ts';
import { memberKeySha256 } from '../../operations/cluster/member-key.ts';
import type { Self } from '../../operations/operation.ts';
import type { Store } from '../../store/store.ts';

/** From when the replicator is there: members are dialled and greeted. */
const ASKED_MS = 4_000;
/** Where there is no replicator: agents are served all the same. */
const WAITED_MS = 8_000;
/** Where a member says that it has more of the log: its end has to come here, and to be checked. */
export const PROOF_MS = 20_000;

export interface FirstWritesParts {
  /** KMAs that may know the log; none where nothing has to be asked. */
  readonly members: readonly string[];
  /** Of the own log. */
  readonly length: number;
}

const KMAS_MAX = 1_000;
const LIVES_MAX = 10_000;

/** For the life that goes on in this store; of one that has just begun nobody knows anything. */
export function firstWritesOf(store: Pick<Store, 'state' | 'logLength'>, self: Self): FirstWrites {
  const { state } = store;
  const length = store.logLength(self.incarnationId);
  const lived = new Set(state.page('incarnation', '', LIVES_MAX).map(kmaOfLife));
  const others = state
    .page('kma', '', KMAS_MAX)
    .filter(
      (kma) => kma.id !== self.kmaId && lived.has(kma.id as Self['kmaId']) && memberKeySha256(kma) !== '',
    );
  return new FirstWrites({ members: length > 1 ? others.map(({ id }) => id) : [], length });
}

export class FirstWrites {
  readonly #left: Set<string>;
  readonly #length: number;
  readonly #opened = Promise.withResolvers<void>();
  #held = true;
  #asking = false;
  #claimed = false;
  readonly #timers: NodeJS.Timeout[] = [];
  #unproven: () => void = () => undefined;

  constructor({ members, length }: FirstWritesParts) {
    this.#left = new Set(members);
    this.#length = length;
    if (members.length === 0) this.release();
    else this.#releaseAfter(WAITED_MS);
  }

  /** Null once anything may be written. */
  get held(): Promise<void> | null {
    return this.#held ? this.#opened.promise : null;
  }

  /** The replicator is there. */
  asked(): void {
    if (this.#asking || !this.#held) return;
    this.#asking = true;
    if (!this.#claimed) this.#releaseAfter(ASKED_MS);
  }

  /** Before anything is written where a member has told of more, and nobody has proven it. */
  onUnproven(unproven: () => void): void {
    this.#unproven = unproven;
  }

  /** A member has folded so much of the own log. More than there is has to be proven by the log itself, for which there is time once; else it is a mere word. */
  told(kmaId: string, length: number): void {
    if (!this.#held) return;
    if (length > this.#length) {
      if (this.#claimed) return;
      this.#claimed = true;
      this.#forgetTimers();
      this.#releaseAfter(PROOF_MS, () => this.#unproven());
      return;
    }
    this.#left.delete(kmaId);
    if (this.#left.size === 0) this.release();
  }

  release(): void {
    this.#held = false;
    this.#forgetTimers();
    this.#opened.resolve();
  }

  #releaseAfter(ms: number, before: () => void = () => undefined): void {
    const release = () => {
      before();
      this.release();
    };
    this.#timers.push(setTimeout(release, ms));
  }

  #forgetTimers(): void {
    for (const timer of this.#timers.splice(0)) clearTimeout(timer);
  }
}
