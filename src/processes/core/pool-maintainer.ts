/** Keeps the key pool full: wakes every 15 s and when Ready falls under half, makes the whole shortfall in batches that yield to agents. */
import { type PoolStanding, poolStanding } from '../../core/readiness.ts';
import { isRefusal } from '../../core/refusal.ts';
import { readSetting } from '../../core/settings.ts';
import type { Core } from './core.ts';
import { logFailure } from './failure.ts';

const WAKE_MS = 15_000;
/** Keys of one commit: small enough that an agent waits a few milliseconds at most. */
const BATCH_KEYS = 50;
/** Under this part of the pool being Ready an operator has to take a backup. */
const LOW_READY_RATIO = 0.2;

export class PoolMaintainer {
  readonly #core: Core;
  readonly #timer: NodeJS.Timeout;
  #filling = false;
  #warned = false;
  #stopped = false;
  /** As last counted, less what was handed out since: counting a large pool takes as long as many hand-outs. */
  #standing: PoolStanding | null = null;

  constructor(core: Core) {
    this.#core = core;
    this.#timer = setInterval(() => this.wakeSoon(), WAKE_MS);
    this.#timer.unref();
  }

  /** After a key was handed out: fills at once when Ready falls under half; while it stays there, the timer is often enough. */
  keyTaken(): void {
    if (this.#standing === null) return;
    const half = readSetting(this.#core.parts.store.state, 'keyPoolSize') / 2;
    const { ready, unissued } = this.#standing;
    this.#standing = { ready: ready - 1, unissued: unissued - 1 };
    if (ready >= half && ready - 1 < half) this.wakeSoon();
  }

  /** After the pool's size changed, a key left it otherwise, or others of its keys are Ready. */
  changed(): void {
    this.#standing = null;
    this.wakeSoon();
  }

  /** Others hold more or fewer of its keys, as they say many times a second: counted when it is next asked for. */
  readyChanged(): void {
    this.#standing = null;
  }

  /** For who does not wait: a store that cannot be read is worth a line, not the end of the process. */
  wakeSoon(): void {
    this.wake().catch((error: unknown) => logFailure(error, 'key pool'));
  }

  /** Fills the pool and warns when little of it is Ready; repeated calls while it fills do nothing. */
  async wake(progress?: (done: number, total: number) => void): Promise<void> {
    const { store, memory } = this.#core.parts;
    if (this.#filling || this.#stopped || !memory.unlocked) return;
    this.#filling = true;
    try {
      const size = readSetting(store.state, 'keyPoolSize');
      const total = size - this.#count().unissued;
      for (let made = 0; made < total && !this.#stopped && memory.unlocked; made += BATCH_KEYS) {
        const answer = await this.#core.callLocal('FillKeyPool', {
          count: Math.min(BATCH_KEYS, total - made),
        });
        if (isRefusal(answer)) return;
        this.#standing = null;
        progress?.(Math.min(made + BATCH_KEYS, total), total);
      }
      await this.#warnWhenLow(size);
    } finally {
      this.#filling = false;
    }
  }

  async #warnWhenLow(size: number): Promise<void> {
    const { ready } = this.#count();
    const low = ready < size * LOW_READY_RATIO;
    if (low && !this.#warned) await this.#core.callLocal('NoteLowKeyPool', { ready, size });
    this.#warned = low;
  }

  #count(): PoolStanding {
    const { store, self } = this.#core.parts;
    this.#standing ??= poolStanding(store.state, self.incarnationId);
    return this.#standing;
  }

  /** Of the pool as it is to be: what other members and people are shown. */
  get readyPercent(): number {
    const size = readSetting(this.#core.parts.store.state, 'keyPoolSize');
    return size === 0 ? 100 : Math.max(0, Math.min(100, Math.floor((this.#count().ready / size) * 100)));
  }

  stop(): void {
    this.#stopped = true;
    clearInterval(this.#timer);
  }
}
