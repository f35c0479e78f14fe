/** One connection's worth of sending: the audit from a record on, in order, as fast as the server reads, until the connection ends. It neither connects nor connects again. */
import { setTimeout as pause } from 'node:timers/promises';
import type { AuditTail } from '../part.ts';
import { bytesOnTheWay } from './bytes-on-the-way.ts';
import type { Connection } from './connection.ts';
import { type QueueBounds, recordsAfter } from './next-records.ts';
import type { SentEvent } from './sent-event.ts';
import { SyslogTrouble } from './trouble.ts';
import { Unsettled } from './unsettled.ts';

export interface SessionLimits {
  /** For the other machine to take anything of what is on the way. */
  readonly stallMs: number;
  /** From when on what the other machine has taken counts as received. */
  readonly settleMs: number;
  readonly lookMs: number;
  /** Between reads while there is much to send, so that others read the audit too. */
  readonly breathMs: number;
}

export interface SessionParts {
  readonly connection: Connection;
  readonly remotePort: number;
  readonly audit: AuditTail;
  readonly queue: QueueBounds;
  readonly limits: SessionLimits;
  readonly framed: (record: SentEvent['record']) => Buffer;
  /** So many records up to this one are not to be had any more. */
  readonly onSkipped: (count: number, throughRow: number) => void;
  /** All is sent: what is to be told now of those that were skipped, or null. */
  readonly skippedNotice: () => SentEvent['record'] | null;
  /** Up to this record the server has everything. */
  readonly onSettled: (row: number) => void;
}

/** A write that a slow server takes within the time for it. */
const PIECE_BYTES = 16 * 1024;

export class Session {
  readonly #parts: SessionParts;
  readonly #unsettled: Unsettled;
  #sentRow: number;
  #sent = 0;
  #over = false;
  #movedAtMs = performance.now();
  #wake: () => void = () => undefined;

  constructor(fromRow: number, parts: SessionParts) {
    this.#parts = parts;
    this.#sentRow = fromRow;
    this.#unsettled = new Unsettled(fromRow, parts.limits.settleMs);
  }

  get sentRow(): number {
    return this.#sentRow;
  }
  /** Messages. */
  get sent(): number {
    return this.#sent;
  }

  /** Until the connection ends; with why. */
  async run(): Promise<SyslogTrouble | null> {
    const { connection, limits } = this.#parts;
    const looking = setInterval(() => void this.#look(), limits.lookMs);
    const sending = this.#send();
    // Nothing more is sent then, so that a server that has read all need not say that it has not.
    void connection.peerEnd.then(() => this.#sendNoMore());
    const trouble = await connection.ended;
    this.#sendNoMore();
    clearInterval(looking);
    await sending;
    return trouble;
  }

  /** There are newer records. */
  nudge(): void {
    this.#wake();
  }

  stop(): void {
    this.#sendNoMore();
    this.#parts.connection.end();
  }

  /** After the end; how many messages will be sent again. */
  settle(received: 'all' | 'what arrived' | 'what is settled'): number {
    if (received === 'all') this.#unsettled.allReceived();
    else if (received === 'what arrived') this.#unsettled.arrivedReceived();
    this.#parts.onSettled(this.#unsettled.row);
    return this.#unsettled.records;
  }

  #sendNoMore(): void {
    this.#over = true;
    this.#wake();
  }

  async #send(): Promise<void> {
    while (!this.#over)
      try {
        await this.#sendNext();
      } catch {
        // Of the connection, which ends then; or the reader does not answer, and is asked again.
        await pause(this.#parts.limits.lookMs);
      }
  }

  async #sendNext(): Promise<void> {
    const { audit, queue, limits, onSkipped, skippedNotice, framed } = this.#parts;
    const next = await recordsAfter(this.#sentRow, audit, queue);
    if (this.#over) return;
    if (next === null) {
      const notice = skippedNotice();
      if (notice !== null) await this.#sendPiece([framed(notice)], this.#sentRow);
      else await this.#new();
      return;
    }
    if (next.skipped > 0) onSkipped(next.skipped, next.throughRow);
    let piece: Buffer[] = [];
    let bytes = 0;
    for (const record of next.records) {
      const message = framed(record);
      piece.push(message);
      bytes += message.length;
      if (bytes < PIECE_BYTES) continue;
      await this.#sendPiece(piece, record.row);
      piece = [];
      bytes = 0;
    }
    await this.#sendPiece(piece, next.throughRow);
    await pause(limits.breathMs);
  }

  async #sendPiece(messages: readonly Buffer[], throughRow: number): Promise<void> {
    if (this.#over) return;
    const bytes = Buffer.concat(messages);
    if (bytes.length > 0) await this.#parts.connection.write(bytes);
    this.#sentRow = throughRow;
    this.#sent += messages.length;
    this.#unsettled.sent(throughRow, messages.length, bytes.length);
  }

  /** Until there are newer records, or the end. */
  #new(): Promise<void> {
    const { audit, limits } = this.#parts;
    // They are known of, but cannot be read yet.
    if (audit.newestRow() > this.#sentRow) return pause(limits.breathMs);
    return new Promise((resolve) => {
      this.#wake = resolve;
      if (this.#over) resolve();
    });
  }

  async #look(): Promise<void> {
    const { connection, remotePort, limits, onSettled } = this.#parts;
    if (this.#unsettled.isEmpty) {
      this.#movedAtMs = performance.now();
      return;
    }
    const { bytes } = this.#unsettled;
    const onTheWay = await bytesOnTheWay(connection.localPort, remotePort);
    if (onTheWay === null) return;
    const nowMs = performance.now();
    // What TLS adds is on the way too, so that the bytes of ours among them are fewer: never too much is taken for arrived.
    if (this.#unsettled.arrived(bytes - onTheWay, nowMs)) this.#movedAtMs = nowMs;
    onSettled(this.#unsettled.row);
    if (nowMs - this.#movedAtMs > limits.stallMs)
      connection.break(new SyslogTrouble('not read', 'the server takes nothing of what it is sent'));
  }
}
