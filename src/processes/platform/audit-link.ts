/** The audit of this KMA for the parts that send it on: read from the reader process, page by page and only when asked. It keeps no records, and the core has no part in it. */
import type { AuditPage, AuditTail } from '../../platform/part.ts';
import type { EventsSent } from '../../platform-settings/syslog.ts';
import { KeptConnection } from '../kept-connection.ts';
import { expectMessage } from '../messages.ts';
import {
  AUDIT_RECORDS_MAX,
  type PlatformToReader,
  type ReaderToPlatform,
  readerToPlatform,
} from './messages.ts';

/** How often newer records are looked for, where somebody wants them. */
const LOOK_MS = 500;
/** The reader copies the whole store in one step, for a backup. */
const ANSWER_MS = 60_000;

interface Waiting {
  readonly resolve: (answer: ReaderToPlatform) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

export class AuditLink implements AuditTail {
  readonly #connection: KeptConnection;
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners: (() => void)[] = [];
  #look: NodeJS.Timeout | null = null;
  #looking = false;
  #nextId = 1;
  #newestRow = 0;

  constructor(path: string) {
    this.#connection = new KeptConnection({
      path,
      onOpened: () => undefined,
      onMessage: (raw) => this.#receive(expectMessage(readerToPlatform, raw)),
      onLost: () => this.#lose('the reader process was replaced'),
    });
  }

  newestRow(): number {
    return this.#newestRow;
  }

  read(afterRow: number, limit: number, events: EventsSent = 'alarms'): Promise<AuditPage> {
    return this.#ask(afterRow, Math.min(limit, AUDIT_RECORDS_MAX), events);
  }

  onNew(listener: () => void): void {
    this.#listeners.push(listener);
    this.#look ??= setInterval(() => this.#lookOnce(), LOOK_MS);
  }

  /** Of the core, which knows it without asking; less than before where the store is another one. */
  told(newestRow: number): void {
    this.#newestRow = newestRow;
    for (const listener of this.#listeners) listener();
  }

  close(): void {
    if (this.#look !== null) clearInterval(this.#look);
    this.#connection.close();
    this.#lose('this KMA stops');
  }

  #ask(afterRow: number, limit: number, events: EventsSent): Promise<ReaderToPlatform> {
    if (!this.#connection.connected) return Promise.reject(new Error('the reader process is not there'));
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => this.#settle(id)?.reject(new Error('the reader does not answer')),
        ANSWER_MS,
      );
      this.#waiting.set(id, { resolve, reject, timer });
      this.#connection.send({ t: 'read-audit', id, afterRow, limit, events } satisfies PlatformToReader);
    });
  }

  #lookOnce(): void {
    if (this.#looking || !this.#connection.connected) return;
    this.#looking = true;
    this.#ask(0, 0, 'alarms')
      // Where the reader is gone the next look finds another one.
      .catch(() => undefined)
      .finally(() => {
        this.#looking = false;
      });
  }

  #receive(answer: ReaderToPlatform): void {
    const isNewer = answer.newestRow > this.#newestRow;
    if (isNewer) this.#newestRow = answer.newestRow;
    this.#settle(answer.id)?.resolve(answer);
    if (isNewer) for (const listener of this.#listeners) listener();
  }

  #lose(why: string): void {
    for (const id of [...this.#waiting.keys()]) this.#settle(id)?.reject(new Error(why));
  }

  #settle(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    if (waiting !== undefined) clearTimeout(waiting.timer);
    this.#waiting.delete(id);
    return waiting;
  }
}
