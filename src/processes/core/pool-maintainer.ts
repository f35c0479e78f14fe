/** Keeps the key pool full: looks every 15 s and as soon as too much of it is gone, and makes the whole shortfall in batches that yield to agents. */
import { unissuedKeys, waitingKeys } from '../../core/readiness.ts';
import { isRefusal } from '../../core/refusal.ts';
import { readSetting } from '../../core/settings.ts';
import type { Core } from './core.ts';
import { logFailure } from './failure.ts';
import { HandOutRate } from './hand-out-rate.ts';

const WAKE_MS = 15_000;
/** Keys of one commit: small enough that an agent waits a few milliseconds at most. */
const BATCH_KEYS = 50;
/** Where others hold keys, new ones are of use as soon as these have confirmed them, which takes time under load: so it is begun early, and a little at a time. */
const FULL_ENOUGH_IN_CLUSTER = 0.9;
/** Where they wait for a backup anyway, seldom and many at once costs agents less. */
const FULL_ENOUGH_ALONE = 0.5;
/** Under this part of the pool being Ready an operator has to take a backup. */
const LOW_READY_RATIO = 0.2;

export class PoolMaintainer {
  readonly #core: Core;
  readonly #timer: NodeJS.Timeout;
  readonly #rate = new HandOutRate(performance.now());
  #filling = false;
  #warned = false;
  #stopped = false;
  /** Made and not handed out; null until it is counted. Counting a large pool takes as long as many hand-outs, so it is counted once. */
  #unissued: number | null = null;
  /** Of these, such as may not be handed out yet; null until they are counted. In a cluster they are few. */
  #waiting: number | null = null;
  #othersHold = false;

  constructor(core: Core) {
    this.#core = core;
    this.#timer = setInterval(() => this.wakeSoon(), WAKE_MS);
    this.#timer.unref();
  }

  /** After a key was handed out: fills at once when too much is gone; what cannot be filled then, the timer tries again. */
  keyTaken(): void {
    this.#rate.note(performance.now());
    if (this.#unissued === null) return;
    const enough = this.#enough();
    const before = this.#unissued;
    this.#unissued = before - 1;
    if (before >= enough && before - 1 < enough) this.wakeSoon();
  }

  /** After the pool's size changed, or a key left it otherwise. */
  changed(): void {
    this.#unissued = null;
    this.#waiting = null;
    this.wakeSoon();
  }

  /** Others hold more or fewer of its keys, as they say many times a second; how many there are stays as it is. */
  readyChanged(): void {
    const { store, self } = this.#core.parts;
    this.#waiting = null;
    this.#othersHold = store.state.heldByPeers(self.incarnationId) > 0;
  }

  /** For who does not wait: a store that cannot be read is worth a line, not the end of the process. */
  wakeSoon(): void {
    this.wake().catch((error: unknown) => logFailure(error, 'key pool'));
  }

  /** Fills the pool, with what is taken meanwhile, and warns when little of it is Ready; repeated calls while it fills do nothing. */
  async wake(): Promise<void> {
    const { memory } = this.#core.parts;
    if (this.#filling || this.#stopped || !memory.unlocked) return;
    this.#filling = true;
    try {
      // While it warns, so much may be taken that it was to begin again.
      do {
        if (!(await this.#fill())) return;
        await this.#warnWhenLow();
      } while (this.#countUnissued() < this.#enough() && !this.#stopped && memory.unlocked);
    } finally {
      this.#filling = false;
    }
  }

  /** False where no key can be made now. */
  async #fill(): Promise<boolean> {
    const { memory } = this.#core.parts;
    for (;;) {
      const missing = this.#size() - this.#countUnissued();
      if (missing <= 0 || this.#stopped || !memory.unlocked) return true;
      const count = Math.min(BATCH_KEYS, missing);
      const answer = await this.#core.callLocal('FillKeyPool', { count });
      if (isRefusal(answer)) return false;
      if (this.#unissued !== null) this.#unissued += count;
      if (this.#waiting !== null) this.#waiting += count;
    }
  }

  async #warnWhenLow(): Promise<void> {
    const [ready, size] = [this.#ready(), this.#size()];
    const low = ready < size * LOW_READY_RATIO;
    if (low && !this.#warned) await this.#core.callLocal('NoteLowKeyPool', { ready, size });
    this.#warned = low;
  }

  /** Of this KMA's own pool: the others have as many of theirs. */
  #size(): number {
    return readSetting(this.#core.parts.store.state, 'keyPoolSize');
  }
  #enough(): number {
    return this.#size() * (this.#othersHold ? FULL_ENOUGH_IN_CLUSTER : FULL_ENOUGH_ALONE);
  }
  #countUnissued(): number {
    if (this.#unissued !== null) return this.#unissued;
    const { store, self } = this.#core.parts;
    this.readyChanged();
    this.#unissued = unissuedKeys(store.state, self.incarnationId);
    return this.#unissued;
  }
  #ready(): number {
    const { store, self } = this.#core.parts;
    const unissued = this.#countUnissued();
    this.#waiting ??= waitingKeys(store.state, self.incarnationId);
    return unissued - this.#waiting;
  }

  /** Of the pool as it is to be: what other members and people are shown. */
  get readyPercent(): number {
    const size = this.#size();
    return size === 0 ? 100 : Math.max(0, Math.min(100, Math.floor((this.#ready() / size) * 100)));
  }

  get keysReady(): number {
    return this.#ready();
  }

  get keysTakenPerHour(): number {
    return this.#rate.perHour(performance.now());
  }

  stop(): void {
    this.#stopped = true;
    clearInterval(this.#timer);
  }
}
