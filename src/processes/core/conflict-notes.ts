/** Has what was found to be changed on both sides of a partition written into the own log, soon after it was folded. It finds nothing. */
import { isRefusal } from '../../core/refusal.ts';
import { SINCE, writableVersion } from '../../core/replication-version.ts';
import { NOTED_AT_ONCE_MAX } from '../../operations/conflicts/note-conflicts.ts';
import type { Core } from './core.ts';
import { logFailure } from './failure.ts';

/** What heals together is told together. */
const SOON_MS = 500;

export class ConflictNotes {
  readonly #core: Core;
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> | null = null;

  constructor(core: Core) {
    this.#core = core;
  }

  soon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.write().catch((error: unknown) => logFailure(error, 'conflicts'));
    }, SOON_MS).unref();
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  /** As long as there are members that cannot read of it, the clock is odd, or the store takes no changes, it waits. Two at once would tell the same twice. */
  write(): Promise<void> {
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = null;
    });
    return this.#writing;
  }

  async #writeAll(): Promise<void> {
    const { store, clock, health } = this.#core.parts;
    for (;;) {
      const found = store.conflicts.first(NOTED_AT_ONCE_MAX);
      const mayBeRead = writableVersion(store.state) >= (SINCE['conflict'] ?? 0);
      if (found.length === 0 || !mayBeRead || clock.odd() !== null) return;
      if (health.obstacle({ changes: true }) !== null) return;
      if (isRefusal(await this.#core.callLocal('NoteConflicts', { found }))) return;
      store.transaction(() => store.conflicts.remove(found));
    }
  }
}
