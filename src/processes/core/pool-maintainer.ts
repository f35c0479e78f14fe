/** Keeps the key pool full: wakes every 15 s and when Ready falls under half, makes the whole shortfall in batches that yield to agents. */
import { poolStanding } from '../../core/readiness.ts';
import { isRefusal } from '../../core/refusal.ts';
import { readSetting } from '../../core/settings.ts';
import type { Core } from './core.ts';
import { logFailure } from './failure.ts';

const WAKE_MS = 15_000;
/** Keys of one commit: small enough that an agent waits a few milliseconds at most. */
const BATCH_KEYS = 50;
/** Counting the pool costs as much as a hand-out or more, so it is done once for so many: a small part of the smallest pool. */
const LOOK_EVERY_KEYS = 50;
/** Under this part of the pool being Ready an operator has to take a backup. */
const LOW_READY_RATIO = 0.2;

export class PoolMaintainer {
  readonly #core: Core;
  readonly #timer: NodeJS.Timeout;
  #filling = false;
  #warned = false;
  #stopped = false;
  #takenSinceLook = 0;

  constructor(core: Core) {
    this.#core = core;
    this.#timer = setInterval(() => this.wakeSoon(), WAKE_MS);
    this.#timer.unref();
  }

  /** After a key was handed out: fills at once when less than half is Ready. */
  keyTaken(): void {
    this.#takenSinceLook += 1;
    const { store, self } = this.#core.parts;
    if (this.#filling || this.#takenSinceLook < LOOK_EVERY_KEYS) return;
    this.#takenSinceLook = 0;
    const standing = poolStanding(store.state, self.incarnationId);
    if (standing.ready < readSetting(store.state, 'keyPoolSize') / 2) this.wakeSoon();
  }

  /** For who does not wait: a store that cannot be read is worth a line, not the end of the process. */
  wakeSoon(): void {
    this.wake().catch((error: unknown) => logFailure(error, 'key pool'));
  }

  /** Fills the pool and warns when little of it is Ready; repeated calls while it fills do nothing. */
  async wake(progress?: (done: number, total: number) => void): Promise<void> {
    const { store, self, memory } = this.#core.parts;
    if (this.#filling || this.#stopped || !memory.unlocked) return;
    this.#filling = true;
    try {
      const size = readSetting(store.state, 'keyPoolSize');
      const total = size - poolStanding(store.state, self.incarnationId).unissued;
      for (let made = 0; made < total && !this.#stopped && memory.unlocked; made += BATCH_KEYS) {
        const answer = await this.#core.callLocal('FillKeyPool', {
          count: Math.min(BATCH_KEYS, total - made),
        });
        if (isRefusal(answer)) return;
        progress?.(Math.min(made + BATCH_KEYS, total), total);
      }
      await this.#warnWhenLow(size);
    } finally {
      this.#filling = false;
    }
  }

  async #warnWhenLow(size: number): Promise<void> {
    const { store, self } = this.#core.parts;
    const { ready } = poolStanding(store.state, self.incarnationId);
    const low = ready < size * LOW_READY_RATIO;
    if (low && !this.#warned) await this.#core.callLocal('NoteLowKeyPool', { ready, size });
    this.#warned = low;
  }

  stop(): void {
    this.#stopped = true;
    clearInterval(this.#timer);
  }
}
