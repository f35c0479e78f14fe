/** The virtual disk under a store, and the one writer on it: tasks are committed together, and answered once they are synced. It knows no operation. */
import type { Schedule } from './schedule.ts';
import type { Store } from './store.ts';

/** Inside the transaction; what it gives is done after the sync. */
export type Task = () => () => void;

/** Where the power goes at the next commit. A torn write is one that did not reach the disk whole: the journal gives it up. */

export type CrashPoint = 'in the transaction' | 'before the sync' | 'after the sync';

class DiskFull extends Error {}

const SYNC_MS = 2;
const TOGETHER_MAX = 256;

export interface DiskSupport {
  readonly schedule: Schedule;
  readonly store: Store;
  readonly crash: () => void;
  /** A mutant answers before. */
  readonly answersBeforeSync: boolean;
}

export class Disk {
  readonly #support: DiskSupport;
  #waiting: { readonly task: Task; readonly fail: (error: unknown) => void }[] = [];
  #busy = false;
  #stopped = false;
  #afterSync: (() => void)[] = [];
  syncMs = SYNC_MS;
  full = false;
  crashAt: CrashPoint | null = null;

  constructor(support: DiskSupport) {
    this.#support = support;
  }

  /** Nothing is answered any more. */
  stop(): void {
    this.#stopped = true;
    this.#waiting = [];
    this.#afterSync = [];
  }

  commit(task: Task, fail: (error: unknown) => void): void {
    if (this.#stopped) return;
    this.#waiting.push({ task, fail });
    this.#wake();
  }

  /** At a moment when no loss of power takes anything back. */
  whenSynced(work: () => void): void {
    if (this.#busy) this.#afterSync.push(work);
    else if (!this.#stopped) work();
  }

  #wake(): void {
    if (this.#busy || this.#stopped || this.#waiting.length === 0) return;
    this.#busy = true;
    this.#support.schedule.after(1, () => this.#write());
  }

  /** Each in a transaction of its own, so that a bad task refuses itself alone; one sync for all of them. */
  #write(): void {
    if (this.#stopped) return;
    const done: (() => void)[] = [];
    for (const { task, fail } of this.#waiting.splice(0, TOGETHER_MAX)) {
      const after = this.#transaction(task);
      if (this.#stopped) return;
      done.push(after ?? (() => fail(new DiskFull('no space is left'))));
    }
    this.#synced(() => {
      for (const after of done) after();
    });
  }

  #transaction(task: Task): (() => void) | null {
    const { store, crash } = this.#support;
    try {
      return store.transaction(() => {
        const after = task();
        if (this.full) throw new DiskFull('no space is left');
        if (this.crashAt === 'in the transaction') throw new PowerLost();
        return after;
      });
    } catch (error) {
      if (error instanceof PowerLost) crash();
      else if (!(error instanceof DiskFull)) throw error;
      return null;
    }
  }

  #synced(after: () => void): void {
    const { schedule, store, crash, answersBeforeSync } = this.#support;
    if (answersBeforeSync) after();
    const lost = this.crashAt === 'before the sync';
    schedule.after(this.syncMs, () => {
      if (this.#stopped) return;
      if (lost) {
        crash();
        return;
      }
      store.sync();
      if (this.crashAt === 'after the sync') {
        crash();
        return;
      }
      if (!answersBeforeSync) after();
      for (const work of this.#afterSync.splice(0)) work();
      this.#busy = false;
      this.#wake();
    });
  }
}

class PowerLost extends Error {}
