/** Gathers what the processes of this KMA report and writes it down soon after. What cannot be written now waits in memory; it answers nobody. */
import type { SystemMessage } from '../../operations/contexts.ts';
import type { Store } from '../../store/store.ts';

/** What is reported together is written together. */
const SOON_MS = 200;
/** While nothing can be written, those that came first tell most. */
const WAITING_MAX = 500;
export const MESSAGE_CHARACTERS_MAX = 1024;

export class SystemMessages {
  readonly #store: Store;
  readonly #now: () => number;
  #waiting: SystemMessage[] = [];
  #timer: NodeJS.Timeout | null = null;
  #clockWasOdd = false;

  constructor(store: Store, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  /** Also from within a transaction: nothing is written before it has ended. */
  note(
    severity: SystemMessage['severity'],
    text: string,
    { process = 'core', atMs = this.#now() }: { readonly process?: string; readonly atMs?: number } = {},
  ): void {
    if (this.#waiting.length >= WAITING_MAX) return;
    const message = text.slice(0, MESSAGE_CHARACTERS_MAX);
    this.#waiting.push({ createdAtMs: atMs, process, severity, message });
    if (this.#timer !== null) return;
    this.#timer = setTimeout(() => this.write(), SOON_MS);
    this.#timer.unref();
  }

  /** When it began and when it ended, not how long it goes on. */
  noteClock(odd: string | null): void {
    if (odd !== null && !this.#clockWasOdd) this.note('warning', `clock: ${odd}; changes are refused`);
    if (odd === null && this.#clockWasOdd) this.note('info', 'clock: in order again');
    this.#clockWasOdd = odd !== null;
  }

  /** Trouble of the store has been told where it was found; this is tried again with the next message, or in a minute. */
  write(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#waiting.length === 0) return;
    try {
      this.#store.transaction(() => this.#store.systemMessages.add(this.#waiting));
      this.#waiting = [];
    } catch {
      // They are in memory still.
    }
  }
}
