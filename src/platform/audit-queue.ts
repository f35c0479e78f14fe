/** The events of the audit that one receiver has yet to get, oldest first: bounded, the oldest left out and counted. Rows beyond a few it only knows by number. */
import type { AuditRecord } from '../operations/audit-record.ts';
import type { AuditTail } from './part.ts';

const PAGE_ROWS = 200;
/** Held as they are; the rest is read again when it is due. */
const RECORDS_HELD_MAX = 200;

interface Waiting {
  readonly row: number;
  readonly record: AuditRecord | null;
}

export interface AuditQueueParts {
  readonly audit: Pick<AuditTail, 'newestRow' | 'read'>;
  readonly wanted: (record: AuditRecord) => boolean;
  readonly eventsMax: number;
}

export class AuditQueue {
  readonly #parts: AuditQueueParts;
  readonly #waiting: Waiting[] = [];
  /** Every record up to this one was looked at. */
  #looked: number;
  #dropped: number;

  constructor(parts: AuditQueueParts, afterRow: number, dropped: number) {
    this.#parts = parts;
    this.#looked = afterRow;
    this.#dropped = dropped;
  }

  get length(): number {
    return this.#waiting.length;
  }
  /** Left out, and not told of yet. */
  get dropped(): number {
    return this.#dropped;
  }
  toldOfDropped(count: number): void {
    this.#dropped -= count;
  }

  /** Where the receiver would go on after a restart. */
  get reached(): number {
    const [first] = this.#waiting;
    return first === undefined ? this.#looked : first.row - 1;
  }

  /** Looks at all that is new. Rejects where the audit cannot be read now. */
  async look(): Promise<void> {
    const { audit } = this.#parts;
    while (this.#looked < audit.newestRow()) {
      const { records, throughRow, looked } = await audit.read(this.#looked, PAGE_ROWS);
      // What was cut before anybody looked at it may have been for the receiver.
      this.#dropped += Math.max(0, throughRow - this.#looked - looked);
      for (const record of records) this.#take(record);
      if (throughRow <= this.#looked) return;
      this.#looked = throughRow;
    }
  }

  #take(record: AuditRecord): void {
    if (!this.#parts.wanted(record)) return;
    this.#waiting.push({
      row: record.row,
      record: this.#waiting.length < RECORDS_HELD_MAX ? record : null,
    });
    if (this.#waiting.length <= this.#parts.eventsMax) return;
    this.#waiting.shift();
    this.#dropped += 1;
  }

  /** The next event; null without one. One that was cut from the audit meanwhile counts as left out. */
  async first(): Promise<AuditRecord | null> {
    for (;;) {
      const [first] = this.#waiting;
      if (first === undefined) return null;
      if (first.record !== null) return first.record;
      const { records } = await this.#parts.audit.read(first.row - 1, 1);
      const [record] = records;
      if (this.#waiting[0] !== first) continue;
      if (record?.row === first.row) return record;
      this.#waiting.shift();
      this.#dropped += 1;
    }
  }

  /** The receiver has it. Left out meanwhile, it counts as received. */
  received({ row }: AuditRecord): void {
    if (this.#waiting[0]?.row === row) this.#waiting.shift();
    else this.#dropped -= 1;
  }
}
