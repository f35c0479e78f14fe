/** Has erasures confirmed soon after they were made, and the write-ahead log emptied of what was overwritten; later and later while something may still hold it. It erases nothing itself. */
import { isRefusal } from '../../core/refusal.ts';
import type { DataDirectory } from '../../store/data-directory.ts';
import type { Core } from './core.ts';
import { completedErasures, erasuresPending, forgetErasures } from './erasures.ts';
import { logFailure } from './failure.ts';

/** Erasures that follow each other share a confirmation: each empties the write-ahead log, which agents wait for. */
const FIRST_MS = 500;
/** While a list or a backup under way holds them. */
const LATEST_MS = 60_000;

export class ErasureConfirmation {
  readonly #core: Core;
  readonly #directory: DataDirectory;
  #timer: NodeJS.Timeout | null = null;
  #delayMs = FIRST_MS;
  #underWay: Promise<void> = Promise.resolve();
  #stopped = false;
  /** Whether the write-ahead log may have what was overwritten; nobody knows it of the core before this one. */
  #overwritten = true;

  constructor(core: Core, directory: DataDirectory) {
    this.#core = core;
    this.#directory = directory;
  }

  /** Something was erased, what held it is gone, or this core has just started. */
  soon(): void {
    this.#delayMs = FIRST_MS;
    this.#schedule();
  }

  /** A secret was overwritten in its page, of which the write-ahead log has the one before. */
  forgotten(): void {
    this.#overwritten = true;
    this.soon();
  }

  /** Resolves when no confirmation is under way any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#underWay;
  }

  #schedule(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#underWay = this.#underWay
        .then(() => this.#confirm())
        .catch((error: unknown) => logFailure(error, 'confirmation of erasures'));
    }, this.#delayMs);
    this.#timer.unref();
  }

  async #confirm(): Promise<void> {
    const { store, health } = this.#core.parts;
    if (this.#stopped || health.stopped) return;
    // Also after a failure: a store that cannot be written now can be later.
    let again = true;
    try {
      if (this.#overwritten) this.#overwritten = !store.checkpointTruncate();
      if (await this.#confirmSome()) this.#delayMs = FIRST_MS;
      again = this.#overwritten || erasuresPending(store);
    } finally {
      if (again && this.#timer === null) this.#schedule();
      this.#delayMs = Math.min(LATEST_MS, this.#delayMs * 2);
    }
  }

  async #confirmSome(): Promise<boolean> {
    const { store } = this.#core.parts;
    const objectIds = completedErasures(store, this.#directory);
    if (objectIds.length === 0) return false;
    if (isRefusal(await this.#core.callLocal('ConfirmErasures', { objectIds }))) return false;
    forgetErasures(store, objectIds);
    return true;
  }
}
