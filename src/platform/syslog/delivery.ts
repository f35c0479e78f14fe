/** Sends the audit to one syslog server for as long as there is one: connects, connects again, and says when it cannot. It waits for no other server, and nobody waits for it. */
import { setTimeout as pause } from 'node:timers/promises';
import type { SyslogServer } from '../../platform-settings/syslog.ts';
import type { PlatformNote, PlatformTools } from '../part.ts';
import { quoted } from '../quoted.ts';
import { Connection, type ConnectionLimits } from './connection.ts';
import { framedMessage } from './framed-message.ts';
import type { QueueBounds } from './next-records.ts';
import type { Position } from './position.ts';
import { type Kma, type SentEvent, SKIPPED_CONDITION, skippedNotice } from './sent-event.ts';
import { Session, type SessionLimits } from './session.ts';
import { Standing } from './standing.ts';
import { SyslogTrouble, troubleOf } from './trouble.ts';

export interface DeliveryLimits extends ConnectionLimits, SessionLimits {
  /** From when on a connection counts as one that works. */
  readonly provenMs: number;
  /** How long a server is not reached before the audit says so. */
  readonly notedAfterMs: number;
  /** Of a server that comes and goes people are told this often at most. */
  readonly notesApartMs: number;
  /** Between two tries: from the first, doubling, to the last. */
  readonly retryMs: readonly [number, number];
  /** A crash repeats what was received within it. */
  readonly keptWithinMs: number;
  /** A server that is behind by more audit records gets no older ones. */
  readonly behindMax: number;
}

export interface DeliveryState {
  readonly server: string;
  readonly state: 'connected' | 'connecting' | 'down';
  /** "" while nothing is wrong. */
  readonly trouble: string;
  /** Since the platform process started. */
  readonly sent: number;
  readonly repeatedAtMost: number;
  /** Audit records that were not to be had any more. */
  readonly skipped: number;
  /** Audit records that it has not been sent. */
  readonly waiting: number;
  /** Up to which audit record it has everything is in memory alone: a crash would begin with what is newest then. */
  readonly positionNotKept: boolean;
}

export class SyslogDelivery {
  readonly #server: SyslogServer;
  readonly #kma: Kma & { readonly version: string };
  readonly #tools: PlatformTools;
  readonly #limits: DeliveryLimits;
  readonly #position: Position;
  readonly #standing: Standing;
  readonly #queue: QueueBounds;
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;
  #session: Session | null = null;
  #proven = false;
  /** Audit records that had gathered when it connected. */
  #waited = 0;
  #sent = 0;
  #repeated = 0;
  #skipped = 0;
  /** Those that the server was not told of, and those that this connection's notices told of. */
  #untold = 0;
  #toldInSession = 0;
  #countedRow = 0;

  constructor(
    server: SyslogServer,
    kma: Kma & { readonly version: string },
    position: Position,
    tools: PlatformTools,
    limits: DeliveryLimits,
  ) {
    this.#server = server;
    this.#kma = kma;
    this.#position = position;
    this.#tools = tools;
    this.#limits = limits;
    this.#standing = new Standing(server.name, limits);
    this.#queue = { behindMax: limits.behindMax, events: server.events };
    this.#running = this.#run();
  }

  nudge(): void {
    this.#session?.nudge();
  }

  state(): DeliveryState {
    const sentRow = this.#session?.sentRow ?? this.#position.row;
    const { trouble } = this.#standing;
    return {
      server: this.#server.name,
      state: this.#proven ? 'connected' : trouble === null ? 'connecting' : 'down',
      trouble: trouble?.message ?? '',
      sent: this.#sent + (this.#session?.sent ?? 0),
      repeatedAtMost: this.#repeated,
      skipped: this.#skipped,
      waiting: sentRow === null ? 0 : Math.max(0, this.#tools.audit.newestRow() - sentRow),
      positionNotKept: this.#position.notKept,
    };
  }

  /** What the server has by then is not sent again. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#session?.stop();
    await this.#running;
    await this.#position.keep();
  }

  async #run(): Promise<void> {
    const [firstMs, lastMs] = this.#limits.retryMs;
    let waitMs = firstMs;
    while (!this.#stopped) {
      const worked = await this.#connectAndSend();
      waitMs = worked ? firstMs : Math.min(lastMs, waitMs * 2);
      this.#tools.changed();
      await pause(waitMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
    }
  }

  get #stopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  /** True where the connection worked before it ended. */
  async #connectAndSend(): Promise<boolean> {
    const newestRow = this.#tools.audit.newestRow();
    // Nothing is known of the audit yet.
    if (newestRow === 0) return true;
    const fromRow = await this.#position.begin(newestRow);
    const connection = await this.#connect();
    if (connection === null) return false;
    const session = this.#begin(connection, fromRow);
    this.#waited = Math.max(0, newestRow - fromRow);
    const proving = setInterval(() => this.#prove(), this.#limits.provenMs);
    const trouble = await session.run();
    clearInterval(proving);
    return this.#after(session, trouble, connection);
  }

  async #connect(): Promise<Connection | null> {
    try {
      const addresses = await this.#tools.resolve(this.#server.address);
      return await Connection.open(this.#server, addresses, this.#limits, this.#stopping.signal);
    } catch (error) {
      this.#fail(troubleOf(error, 'not reached'));
      return null;
    }
  }

  #begin(connection: Connection, fromRow: number): Session {
    const { audit } = this.#tools;
    const session = new Session(fromRow, {
      connection,
      remotePort: this.#server.port,
      audit,
      queue: this.#queue,
      limits: this.#limits,
      framed: (record) => framedMessage(this.#server, { record, version: this.#kma.version }),
      onSkipped: (count, throughRow) => this.#countSkipped(count, throughRow),
      skippedNotice: () => this.#takeNotice(session.sentRow),
      onSettled: (row) => this.#position.moveTo(row),
    });
    this.#session = session;
    if (this.#stopped) session.stop();
    this.#tools.changed();
    return session;
  }

  #prove(): void {
    this.#proven = true;
    this.#note(this.#standing.works(performance.now(), this.#waited, this.#skipped));
    this.#tools.changed();
  }

  #after(session: Session, trouble: SyslogTrouble | null, connection: Connection): boolean {
    const proven = this.#proven;
    // Something between that takes a connection and finds nobody behind closes it in order too.
    const tells = proven || this.#stopped;
    const { hasReadAll, hasReadWhatArrived } = connection;
    const ended = hasReadAll ? 'all' : hasReadWhatArrived ? 'what arrived' : 'what is settled';
    const repeated = session.settle(tells ? ended : 'what is settled');
    this.#session = null;
    this.#proven = false;
    this.#sent += session.sent;
    this.#repeated += repeated;
    if (repeated > 0) this.#untold += this.#toldInSession;
    this.#toldInSession = 0;
    if (trouble !== null) this.#fail(trouble);
    else if (!proven) this.#fail(new SyslogTrouble('closed', 'the server closes the connection at once'));
    return proven;
  }

  #fail(trouble: SyslogTrouble): void {
    if (!this.#stopped) this.#note(this.#standing.failed(trouble, performance.now()));
  }

  /** Once for each record, however often those around it are sent. */
  #countSkipped(count: number, throughRow: number): void {
    if (throughRow <= this.#countedRow) return;
    this.#countedRow = throughRow;
    this.#skipped += count;
    this.#untold += count;
  }

  /** Told when all else is sent, so that it is one notice and not one for each gap; to the server, and to the audit. */
  #takeNotice(throughRow: number): SentEvent['record'] | null {
    const count = this.#untold;
    if (count === 0) return null;
    this.#untold = 0;
    this.#toldInSession += count;
    this.#note({
      severity: 'warning',
      condition: SKIPPED_CONDITION,
      message: `receiver=${quoted(`syslog server ${this.#server.name}`)} count=${count} through=${throughRow}`,
    });
    return skippedNotice(this.#kma, count, throughRow, this.#tools.nowMs());
  }

  #note(note: PlatformNote | null): void {
    if (note !== null) this.#tools.note(note);
  }
}
