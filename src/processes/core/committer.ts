/** Group commit (D3): operations that arrive together are decided in one transaction and made durable by one fsync. It knows no operation. */
import type { MakeRoom, Store } from '../../store/store.ts';

/** Work inside the transaction. `write` may only be reached when `decide` has not thrown. */
export interface CommitTask<Decided, Result> {
  /** Pure; a throw concerns this task alone. */
  decide(): Decided;
  /** Writes what was decided; a throw rolls the transaction back. */
  write(decided: Decided): Result;
  /** Changes of memory after the commit, before anybody of the batch is answered; a throw becomes the answer of this task alone. */
  committed?(result: Result): void;
}

interface Waiting {
  /** Inside the transaction; may run again after a rollback. */
  readonly run: () => void;
  readonly committed: () => void;
  readonly answer: () => void;
  readonly fail: (error: unknown) => void;
}

/** Longest time a first operation waits for others while many arrive; a lone caller does not wait. */
const WINDOW_MS = 4;
/** After some failures, such as of reading, SQLite rolls back by itself; what is written then would stand alone. */
const LOST = 'the database ended the transaction by itself';
/** So many share an fsync cheaply enough: while they are committed the next ones gather by themselves. */
const ENOUGH = 8;
/** A batch's decisions run without yielding, so their number is bounded. */
const BATCH_MAX = 256;
/** Every so many batches the whole window is waited out, to learn whether the load has grown. */
const PROBE_EVERY = 8;

export class Committer {
  readonly #store: Store;
  readonly #makeRoom: MakeRoom;
  #waiting: Waiting[] = [];
  #scheduled = false;
  #timer: NodeJS.Timeout | null = null;
  /** Sizes of the last batches: the greatest is worth waiting for. Every so often a full window looks whether there is more. */
  readonly #recent: number[] = [];
  #lastArrivalMs = 0;
  #round = 0;
  #commits = 0;
  #operations = 0;

  /** Operations alone draw on the space kept aside. */
  constructor(store: Store, makeRoom: MakeRoom = () => false) {
    this.#store = store;
    this.#makeRoom = makeRoom;
  }

  /** Resolves after the commit is on disk; rejects when the commit failed and nothing was changed. */
  submit<Decided, Result>(task: CommitTask<Decided, Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      let outcome: { readonly result: Result } | { readonly error: unknown } | null = null;
      this.#waiting.push({
        run: () => {
          outcome = null;
          const decided = attempt(() => task.decide());
          if (!this.#store.inTransaction) throw 'error' in decided ? decided.error : new Error(LOST);
          outcome = 'error' in decided ? decided : { result: task.write(decided.result) };
        },
        committed: () => {
          if (outcome === null || 'error' in outcome) return;
          const { result } = outcome;
          const after = attempt(() => task.committed?.(result));
          if ('error' in after) outcome = after;
        },
        answer: () => {
          if (outcome === null) reject(new Error('the task was not run'));
          else if ('error' in outcome) reject(outcome.error);
          else resolve(outcome.result);
        },
        fail: reject,
      });
      this.#schedule();
    });
  }

  /** Another for each transaction and each try of it: what was decided in one holds for what comes behind in the same, and for nothing else. */
  get round(): number {
    return this.#round;
  }

  /** Commits made and operations in them, since the start. */
  statistics(): { readonly commits: number; readonly operations: number } {
    return { commits: this.#commits, operations: this.#operations };
  }

  /** A lone operation goes at once; under load the batch goes when it is large enough or as large as the last ones, at the latest after the window. */
  #schedule(): void {
    const now = performance.now();
    const busy = now - this.#lastArrivalMs < WINDOW_MS;
    this.#lastArrivalMs = now;
    const probing = this.#commits % PROBE_EVERY === 0;
    const enough = probing ? ENOUGH : Math.min(ENOUGH, Math.max(...this.#recent));
    if (!busy || this.#waiting.length >= enough) this.#flushSoon();
    else if (!this.#scheduled && this.#timer === null)
      this.#timer = setTimeout(() => this.#flush(), WINDOW_MS);
  }

  #flushSoon(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#flush());
  }

  #flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#scheduled = false;
    const batch = this.#waiting.splice(0, BATCH_MAX);
    if (batch.length === 0) return;
    if (this.#waiting.length > 0) this.#flushSoon();
    this.#recent.push(batch.length);
    if (this.#recent.length > PROBE_EVERY) this.#recent.shift();
    if (!this.#commit(batch) && batch.length > 1) for (const task of batch) this.#commit([task]);
  }

  /** One transaction. When a task of several fails to write, nobody is answered: the caller tries them one by one, so that one bad task refuses itself alone. */
  #commit(batch: readonly Waiting[]): boolean {
    try {
      this.#store.transaction(() => {
        this.#round += 1;
        for (const task of batch) task.run();
      }, this.#makeRoom);
    } catch (error) {
      if (batch.length === 1) batch[0]?.fail(error);
      return false;
    } finally {
      this.#round += 1;
    }
    this.#commits += 1;
    this.#operations += batch.length;
    for (const task of batch) task.committed();
    for (const task of batch) task.answer();
    return true;
  }
}

function attempt<T>(work: () => T): { readonly result: T } | { readonly error: unknown } {
  try {
    return { result: work() };
  } catch (error) {
    return { error };
  }
}
