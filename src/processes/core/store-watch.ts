/** Follows a store that cannot be written: gives the space kept aside to the records of retrievals, tries until there is space again, and has the file looked through. */
import type { SpaceReserve } from '../../store/space-reserve.ts';
import type { Store } from '../../store/store.ts';
import type { Health } from './health.ts';
import type { ReaderLink } from './reader-link.ts';

const RETRY_MS = 5_000;

export class StoreWatch {
  readonly #store: Store;
  readonly #reserve: SpaceReserve;
  readonly #health: Health;
  readonly #reader: ReaderLink;
  readonly #now: () => number;
  #retry: NodeJS.Timeout | null = null;
  #stopped = false;

  constructor(store: Store, reserve: SpaceReserve, health: Health, reader: ReaderLink, now: () => number) {
    this.#store = store;
    this.#reserve = reserve;
    this.#health = health;
    this.#reader = reader;
    this.#now = now;
  }

  /** Once, when the core is ready: neither delays an answer. */
  async begin(): Promise<void> {
    this.#health.noteDamage((await this.#reader.check()) ?? []);
    await this.keepReserve();
  }

  /** Now and again: there may be space now where there was none, or what was given up was too little to be missed. */
  async keepReserve(): Promise<boolean> {
    return this.#stopped ? false : await this.#reserve.keep().catch(() => false);
  }

  /** Told once when a write has failed. */
  tryLater(): void {
    if (this.#stopped) return;
    this.#retry = setTimeout(() => void this.#tryAgain(), RETRY_MS);
    this.#retry.unref();
  }

  stop(): void {
    this.#stopped = true;
    if (this.#retry !== null) clearTimeout(this.#retry);
  }

  /** The write-ahead log from its beginning takes no more space; what the tables need comes out of the reserve. */
  makeRoom(error: unknown, tries: number): boolean {
    this.#health.noteUnwritable(error instanceof Error ? error.message : 'the disk is full');
    const restarted = tries === 0 && this.#succeeds(() => this.#store.checkpointRestart());
    return restarted || this.#succeeds(() => this.#reserve.release());
  }

  /** The reserve whole, as much again free beside it, and a commit that takes none of it: then changes are taken again. */
  async #tryAgain(): Promise<void> {
    const kept = await this.keepReserve();
    if (this.#stopped) return;
    const written = kept && this.#succeeds(() => this.#writeSomething());
    if (written) this.#health.noteWritable();
    else this.tryLater();
  }

  #writeSomething(): boolean {
    this.#store.transaction(() => this.#store.setLocal('writtenAt', String(this.#now())));
    return true;
  }

  /** The trouble has had its line. */
  #succeeds(work: () => boolean): boolean {
    try {
      return work();
    } catch {
      return false;
    }
  }
}
