/** Keeps a KMA that has joined from agents until it has what the members had that it reached first: before, it would not know keys that they have handed out. It asks nobody. */
import { CATCHES_UP, caughtUp, hasCaughtUp, type Reached } from '../../core/catching-up.ts';
import type { Store } from '../../store/store.ts';
import type { ReplicatorToCore } from '../replicator/messages.ts';
import { logFailure } from './failure.ts';

type Told = Pick<
  Extract<ReplicatorToCore, { t: 'peer' }>,
  'incarnationId' | 'connected' | 'applied' | 'holds'
>;

export interface JoinGateParts {
  readonly store: Store;
  /** Runs on, whatever is done to the clock. */
  readonly elapsedMs: () => number;
  /** There is no other member any more, so that nobody can have what is not here. */
  readonly isAlone: () => boolean;
  /** Why it is open now. */
  readonly opened: (why: string) => void;
}

/** For the others that can be reached to say what they have. */
const SETTLE_MS = 3_000;
/** What does not come in this time, nobody has that can be reached. */
const PATIENCE_MS = 10 * 60_000;
/** Whatever one of them has told: it may be untrue. */
const WAIT_MS_MAX = 60 * 60_000;
const LOOK_MS = 200;

export class JoinGate {
  readonly #parts: JoinGateParts;
  /** By life, how far it was when it was first heard of. */
  readonly #had = new Map<string, Reached>();
  readonly #timer: NodeJS.Timeout | null;
  #closed: boolean;
  #heardAtMs: number | null = null;
  #progress = { reached: -1, atMs: 0 };

  constructor(parts: JoinGateParts) {
    this.#parts = parts;
    this.#closed = parts.store.getLocal(CATCHES_UP) === '1';
    this.#timer = this.#closed ? setInterval(() => this.#look(), LOOK_MS) : null;
    this.#timer?.unref();
  }

  get closed(): boolean {
    return this.#closed;
  }

  told({ incarnationId, connected, applied, holds }: Told): void {
    if (!this.#closed || !connected || applied === null || holds === null) return;
    if (this.#had.has(incarnationId)) return;
    this.#had.set(incarnationId, { applied, holds });
    this.#heardAtMs ??= this.#parts.elapsedMs();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  #look(): void {
    if (this.#parts.isAlone()) return this.#open('there is no other member that could have more');
    const nowMs = this.#parts.elapsedMs();
    if (this.#heardAtMs === null || nowMs - this.#heardAtMs < SETTLE_MS) return;
    const { store } = this.#parts;
    const applied = store.vector();
    const here: Reached = { applied, holds: store.missing.heldVector(applied) };
    if (hasCaughtUp(here, this.#had.values())) return this.#open('it has what the others had when it joined');
    const reached = caughtUp(here, this.#had.values());
    if (reached > this.#progress.reached) this.#progress = { reached, atMs: nowMs };
    if (nowMs - this.#progress.atMs > PATIENCE_MS)
      this.#open('nobody that can be reached has more, though others had told of more');
    else if (nowMs - this.#heardAtMs > WAIT_MS_MAX)
      this.#open('it has waited for an hour for what the others had told of');
  }

  #open(why: string): void {
    try {
      this.#parts.store.transaction(() => this.#parts.store.setLocal(CATCHES_UP, '0'));
    } catch (error) {
      // It catches up once more after the next start.
      logFailure(error, 'end of catching up');
    }
    this.stop();
    this.#closed = false;
    this.#parts.opened(why);
  }
}
