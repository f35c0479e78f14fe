/** Keeps a KMA that has joined from agents until it has what the members had that it reached first: before, it would not know keys that they have handed out. It asks nobody. */
import { CATCHES_UP, hasCaughtUp } from '../../core/catching-up.ts';
import type { VersionVector } from '../../core/version-vector.ts';
import type { Store } from '../../store/store.ts';
import type { ReplicatorToCore } from '../replicator/messages.ts';
import { logFailure } from './failure.ts';

type Told = Pick<Extract<ReplicatorToCore, { t: 'peer' }>, 'incarnationId' | 'connected' | 'applied'>;

export interface JoinGateParts {
  readonly store: Store;
  /** Runs on, whatever is done to the clock. */
  readonly elapsedMs: () => number;
  /** Why it is open now. */
  readonly opened: (why: string) => void;
}

/** For the others that can be reached to say what they have. */
const SETTLE_MS = 3_000;
/** What does not come in this time, nobody has that can be reached. */
const PATIENCE_MS = 10 * 60_000;
const LOOK_MS = 200;

export class JoinGate {
  readonly #parts: JoinGateParts;
  /** By life, what it had folded when it was first heard of. */
  readonly #had = new Map<string, VersionVector>();
  readonly #timer: NodeJS.Timeout | null;
  #closed: boolean;
  #heardAtMs: number | null = null;
  #progress = { sum: -1, atMs: 0 };

  constructor(parts: JoinGateParts) {
    this.#parts = parts;
    this.#closed = parts.store.getLocal(CATCHES_UP) === '1';
    this.#timer = this.#closed ? setInterval(() => this.#look(), LOOK_MS) : null;
    this.#timer?.unref();
  }

  get closed(): boolean {
    return this.#closed;
  }

  told({ incarnationId, connected, applied }: Told): void {
    if (!this.#closed || !connected || applied === null || this.#had.has(incarnationId)) return;
    this.#had.set(incarnationId, applied);
    this.#heardAtMs ??= this.#parts.elapsedMs();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  #look(): void {
    const nowMs = this.#parts.elapsedMs();
    if (this.#heardAtMs === null || nowMs - this.#heardAtMs < SETTLE_MS) return;
    const { store } = this.#parts;
    const vector = store.vector();
    const held = store.missing.heldVector(vector);
    const sum = [...Object.values(vector), ...Object.values(held)].reduce((a, b) => a + b, 0);
    if (sum !== this.#progress.sum) this.#progress = { sum, atMs: nowMs };
    if (hasCaughtUp(held, this.#had.values())) this.#open('it has what the others had when it joined');
    else if (nowMs - this.#progress.atMs > PATIENCE_MS)
      this.#open('nobody that can be reached has more, though others had told of more');
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
